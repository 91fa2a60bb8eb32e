import { type ResourceType, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import { connectTo } from "../../src/kubeapi/connect.ts";
import { kubeconfigAccess } from "../../src/kubeapi/kubeconfig.ts";
import { eventsOf, eventually, objectBecomes } from "../contract/fixtures.ts";
import { httpDoor } from "../contract/httpDoor.ts";
import { describeContract } from "../contract/suite.ts";
import type { ContractTarget } from "../contract/target.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";

const SERVICE_ACCOUNTS: ResourceType = {
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  namespaced: true,
};

describeContract("a real API server", { http: true }, async (): Promise<ContractTarget> => {
  const source = await kubeconfigAccess({ path: realKubeconfig() }, {});
  const cluster = await connectTo(source);
  const http = httpDoor(await source.read());
  return {
    cluster,
    http,
    // Pods are refused until the controller manager has made their service account.
    namespaceReady: async (namespace) => {
      await objectBecomes(cluster, SERVICE_ACCOUNTS, { namespace, name: "default" }, (object) => object !== undefined);
    },
    // The history of a custom kind begins where its definition was created; while the server prepares it, it asks to wait (429).
    async expiredVersion() {
      await eventually(() => eventsOf(cluster, SIDECAR_SETS, { timeoutSeconds: 1 }, { count: 1 }));
      return { type: SIDECAR_SETS, resourceVersion: "1" };
    },
    async close() {
      http.close();
      await cluster.close();
    },
  };
});
