import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NAMESPACES } from "../../src/cluster/resource.ts";
import { connectTo, type KubeApi } from "../../src/kubeapi/connect.ts";
import { kubeconfigAccess } from "../../src/kubeapi/kubeconfig.ts";
import { BadLine } from "../faults/badLine.ts";
import { FAULTS } from "../faults/faults.ts";
import { expectSurvival } from "../faults/survival.ts";
import { VirtualClock } from "../virtualClock.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";

const namespace = "bad-line";
let cluster: KubeApi;

beforeAll(async () => {
  cluster = await connectTo(await kubeconfigAccess({ path: realKubeconfig() }, {}));
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
});

afterAll(async () => {
  await cluster.delete(NAMESPACES, { name: namespace });
  await cluster.close();
});

describe("a bad line to a real API server", () => {
  it("leaves local copies that equal the server and never told what cannot be", async () => {
    const upstream = await (await kubeconfigAccess({ path: realKubeconfig() }, {})).read();
    // Virtual time only for waits of ours; the server has its own, so a moment of silence is longer here.
    const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
    const line = await BadLine.open({ upstream, namespace, clock: new VirtualClock(), seed: 1, turn });
    try {
      await expectSurvival(line, { faults: 150, cluster, namespace });
      const { counts } = line.proxy;
      expect(FAULTS.filter((fault) => counts.of(fault) === 0)).toEqual([]);
    } finally {
      await line.close();
    }
  });
});
