import { createAuthority, issueLeaf, type KeyPair } from "../certificate/authority.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../cluster/environment.ts";
import { CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES, type ResourceType, SIDECAR_SETS } from "../cluster/resource.ts";
import type { KubeObject } from "../core/kube/object.ts";
import { httpsWebhooks } from "./admission/httpsWebhookCaller.ts";
import { ApiServer } from "./apiServer.ts";
import { startControlPlane } from "./controlPlane.ts";
import { serveHttps } from "./https/serveHttps.ts";
import { inMemoryCluster } from "./inMemoryCluster.ts";
import type { KubeletOptions } from "./kubelet/kubelet.ts";
import { nodesInZones, registerNodes } from "./nodes.ts";
import { CLONE_SET_DEFINITION } from "./workloads/cloneSetDefinition.ts";

export interface EmbeddedClusterOptions extends Pick<KubeletOptions, "timing" | "images"> {
  readonly environment: Environment;
  /** Of the API server; 0 takes a free one. */
  readonly port: number;
  readonly zones: number;
  readonly nodesPerZone: number;
  /** The SidecarSet's definition: it owns ControllerRevisions, so the garbage collector watches it from the start. */
  readonly sidecarSetDefinition: KubeObject;
}

export interface EmbeddedCluster {
  readonly url: string;
  /** For kubectl: a client certificate of the group system:masters. */
  readonly kubeconfig: string;
  /** The same cluster without the network. */
  readonly cluster: Cluster;
  close(): Promise<void>;
}

const SYSTEM_NAMESPACE = "kruise-system";

/** A whole cluster in this process: API server on HTTPS, nodes in zones, scheduler, controllers, kubelets. Rejects when the port is taken. */
export async function startEmbeddedCluster(options: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
  const { environment } = options;
  const now = environment.clock.now();
  const authority = await createAuthority({ commonName: "embedded cluster", now });
  const [server, client] = await Promise.all([
    issueLeaf(authority, {
      commonName: "kube-apiserver",
      usage: "server",
      now,
      dnsNames: ["localhost"],
      ipAddresses: ["127.0.0.1"],
    }),
    issueLeaf(authority, { commonName: "embedded-admin", organizations: ["system:masters"], usage: "client", now }),
  ]);

  const webhooks = httpsWebhooks();
  const apiServer = new ApiServer({ environment, webhooks });
  const door = await serveHttps(apiServer, {
    port: options.port,
    certificate: server,
    clientAuthority: authority.certificate,
  });
  const cluster = inMemoryCluster(apiServer);
  const stop = new AbortController();
  await cluster.create(CUSTOM_RESOURCE_DEFINITIONS, options.sidecarSetDefinition);
  await cluster.create<KubeObject>(CUSTOM_RESOURCE_DEFINITIONS, CLONE_SET_DEFINITION);
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: SYSTEM_NAMESPACE } });
  await registerNodes(cluster, nodesInZones(options.zones, options.nodesPerZone, now));
  await startControlPlane({
    cluster,
    environment,
    signal: stop.signal,
    owningKinds: [SIDECAR_SETS],
    cloneSets: true,
    tellsEvents: true,
    namespacedKinds: () => namespacedKinds(apiServer),
    ...(options.timing ? { timing: options.timing } : {}),
    ...(options.images ? { images: options.images } : {}),
  });
  return {
    url: door.url,
    kubeconfig: kubeconfig(door.url, authority, client),
    cluster,
    async close() {
      stop.abort();
      await door.close();
      webhooks.close?.();
    },
  };
}

function namespacedKinds({ registry }: ApiServer): ResourceType[] {
  return registry
    .all()
    .filter(({ namespaced }) => namespaced)
    .map(({ group, plural, kind, namespaced, storageVersion }) => ({
      group,
      version: storageVersion,
      kind,
      plural,
      namespaced,
    }));
}

function kubeconfig(server: string, authority: KeyPair, client: KeyPair): string {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return `apiVersion: v1
kind: Config
current-context: embedded
clusters:
- name: embedded
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(authority.certificate)}
users:
- name: embedded-admin
  user:
    client-certificate-data: ${base64(client.certificate)}
    client-key-data: ${base64(client.privateKey)}
contexts:
- name: embedded
  context:
    cluster: embedded
    user: embedded-admin
    namespace: default
`;
}
