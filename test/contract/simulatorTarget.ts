import { createAuthority, issueLeaf } from "../../src/certificate/authority.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { type Environment, systemClock } from "../../src/cluster/environment.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import { NAMESPACES, PODS, type ResourceType } from "../../src/cluster/resource.ts";
import type { KubeObject, Namespace } from "../../src/core/kube/object.ts";
import { connectTo } from "../../src/kubeapi/connect.ts";
import { httpsWebhooks } from "../../src/simulator/admission/httpsWebhookCaller.ts";
import { ApiServer } from "../../src/simulator/apiServer.ts";
import { serveHttps } from "../../src/simulator/https/serveHttps.ts";
import { inMemoryCluster } from "../../src/simulator/inMemoryCluster.ts";
import { startGarbageCollector } from "../../src/simulator/workloads/garbageCollector.ts";
import { startNamespaceController } from "../../src/simulator/workloads/namespaceController.ts";
import { CONFIG_MAPS, SECRETS } from "./fixtures.ts";
import { httpDoor } from "./httpDoor.ts";
import type { ContractTarget } from "./target.ts";

const environment: Environment = { clock: systemClock, random: Math.random, log: () => {} };

/** The simulator, spoken to by calls. */
export async function simulatorInMemory(): Promise<ContractTarget> {
  const { server, cluster, stop } = startSimulator();
  return { ...targetOf(server, cluster), close: async () => stop() };
}

/** The simulator, spoken to over HTTPS by the client that speaks to real clusters. */
export async function simulatorOverHttps(): Promise<ContractTarget> {
  const { server, stop } = startSimulator();
  const now = Date.now();
  const authority = await createAuthority({ commonName: "simulator", now });
  const certificate = await issueLeaf(authority, {
    commonName: "simulator",
    usage: "server",
    ipAddresses: ["127.0.0.1"],
    now,
  });
  const user = { commonName: "admin", organizations: ["system:masters"], usage: "client", now } as const;
  const client = await issueLeaf(authority, user);
  const door = await serveHttps(server, { port: 0, certificate, clientAuthority: authority.certificate });
  const tls = { ca: authority.certificate, cert: client.certificate, key: client.privateKey };
  const access = { server: door.url, tls, headers: {} };
  const cluster = await connectTo({ description: "the simulator", read: async () => access });
  const http = httpDoor(access);
  return {
    ...targetOf(server, cluster),
    http,
    async close() {
      http.close();
      await cluster.close();
      stop();
      await door.close();
    },
  };
}

/** An API server with the two controllers that the contract speaks of. Nothing schedules or runs pods, as on a real one without nodes. */
function startSimulator(): { readonly server: ApiServer; readonly cluster: Cluster; stop(): void } {
  const server = new ApiServer({ environment, webhooks: httpsWebhooks() });
  const cluster = inMemoryCluster(server);
  const controller = new AbortController();
  const { signal } = controller;
  const shared = { cluster, environment, signal };
  const copyOf = <T extends KubeObject>(type: ResourceType) =>
    startInformer<T, T>({ ...shared, type, transform: (object) => object });
  const owned = [CONFIG_MAPS, SECRETS, PODS];
  startGarbageCollector({ ...shared, kinds: owned.map((type) => ({ type, copy: copyOf<KubeObject>(type) })) });
  startNamespaceController({ ...shared, namespaces: copyOf<Namespace>(NAMESPACES), kinds: () => owned });
  return {
    server,
    cluster,
    stop() {
      controller.abort();
      server.close();
    },
  };
}

function targetOf(server: ApiServer, cluster: Cluster): Omit<ContractTarget, "close"> {
  return {
    cluster,
    namespaceReady: async () => {},
    async expiredVersion() {
      const { resourceVersion } = await cluster.list(PODS);
      await cluster.create(PODS, {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { namespace: "default", generateName: "moves-the-version-on-" },
        spec: { containers: [{ name: "app", image: "app:1" }] },
      } as KubeObject);
      server.compact();
      return { type: PODS, resourceVersion };
    },
  };
}
