import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { settle } from "../../test/virtualClock.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { systemClock } from "../cluster/environment.ts";
import { NAMESPACES } from "../cluster/resource.ts";
import { NO_WEBHOOKS } from "../simulator/admission/webhookCaller.ts";
import { ApiServer } from "../simulator/apiServer.ts";
import { inMemoryCluster } from "../simulator/inMemoryCluster.ts";
import { startManager } from "./startManager.ts";

it("a manager that cannot have its port says so and watches nothing any more", async () => {
  const environment = { clock: systemClock, random: () => 0.5, log: () => {} };
  const { cluster, watches } = watched(inMemoryCluster(new ApiServer({ environment, webhooks: NO_WEBHOOKS })));
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: "kruise-system" } });
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const starting = startManager({
    cluster,
    environment,
    systemNamespace: "kruise-system",
    listen: { host: "127.0.0.1", port },
    address: "listen",
    signal: new AbortController().signal,
  });
  await expect(starting).rejects.toThrow(`cannot listen on 127.0.0.1 port ${port}: the port is in use`);
  await settle();
  expect(watches.length).toBeGreaterThan(0);
  expect(watches.every(({ aborted }) => aborted)).toBe(true);
  taken.close();
});

/** The cluster, and the signal of every watch that it was asked for. */
function watched(cluster: Cluster): { readonly cluster: Cluster; readonly watches: readonly AbortSignal[] } {
  const watches: AbortSignal[] = [];
  return {
    watches,
    cluster: {
      ...cluster,
      watch(type, options) {
        watches.push(options.signal);
        return cluster.watch(type, options);
      },
    },
  };
}
