import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { VALIDATING_WEBHOOKS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";

export interface HangingWrites {
  /** Settles when the API server asks for the first one. */
  readonly begun: Promise<unknown>;
  end(): Promise<void>;
}

/** The API server asks somebody who never answers before it writes a pod of this namespace. */
export async function hangingWrites(cluster: Cluster, namespace: string): Promise<HangingWrites> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const webhook = {
    name: "hanging.example.com",
    clientConfig: { url: `https://127.0.0.1:${port}/` },
    rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["UPDATE"], scope: "Namespaced" }],
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    failurePolicy: "Ignore",
    sideEffects: "None",
    timeoutSeconds: 30,
    admissionReviewVersions: ["v1"],
  };
  const { group, version, kind } = VALIDATING_WEBHOOKS;
  const configuration = { apiVersion: `${group}/${version}`, kind, metadata: { name: "hanging" }, webhooks: [webhook] };
  await cluster.create(VALIDATING_WEBHOOKS, configuration as KubeObject);
  return {
    begun: once(server, "connection"),
    async end() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
