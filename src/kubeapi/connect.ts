import type { Cluster, ObjectName } from "../cluster/cluster.ts";
import { type Clock, systemClock } from "../cluster/environment.ts";
import { AccessError, type AccessSource } from "./access.ts";
import { httpCluster } from "./httpCluster.ts";
import { inClusterAccess, isInCluster } from "./inCluster.ts";
import { hasKubeconfig, kubeconfigAccess } from "./kubeconfig.ts";
import { type PodLogOptions, podLog } from "./podLog.ts";
import { proxyFromEnvironment } from "./proxyChoice.ts";
import { Transport, type TransportOptions } from "./transport.ts";

export interface ConnectOptions extends RequestOptions {
  /** A kubeconfig file. Without it: `$KUBECONFIG`, then the pod's service account, then `~/.kube/config`. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Environment variables, `process.env` of a program. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

export interface RequestOptions {
  readonly userAgent?: string;
  readonly requestTimeoutMs?: number;
  readonly clock?: Clock;
  readonly onAnswer?: TransportOptions["onAnswer"];
}

export interface KubeApi extends Cluster {
  /** What the server says of itself, e.g. `v1.36.3`. */
  readonly serverVersion: string;
  /** Where access came from, for messages. */
  readonly source: string;
  /** Where objects live that are named without a namespace. */
  readonly namespace: string;
  podLog(pod: ObjectName, options: PodLogOptions, signal: AbortSignal): AsyncIterable<Buffer>;
  /** Cuts what is under way and closes every connection. */
  close(): Promise<void>;
}

/**
 * Connects to the API server the settings name.
 * @throws AccessError when no settings say where, ClusterError when the server cannot be reached or refuses us
 */
export async function connect(options: ConnectOptions): Promise<KubeApi> {
  return connectTo(throughProxy(await accessSource(options), options.variables), options);
}

/**
 * Connects to an API server and asks it for its version, so that a wrong address shows here and not later.
 * @throws ClusterError when the server cannot be reached or refuses us
 */
export async function connectTo(source: AccessSource, options: RequestOptions = {}): Promise<KubeApi> {
  const transport = new Transport({
    source,
    clock: options.clock ?? systemClock,
    userAgent: options.userAgent ?? "sidecarset",
    requestTimeoutMs: options.requestTimeoutMs ?? 60_000,
    onAnswer: options.onAnswer,
  });
  try {
    const { gitVersion } = await transport.json<{ gitVersion: string }>({ method: "GET", path: "/version" });
    return {
      ...httpCluster(transport),
      serverVersion: gitVersion,
      source: source.description,
      namespace: source.namespace || "default",
      podLog: (pod, options, signal) => podLog(transport, pod, options, signal),
      close: () => transport.close(),
    };
  } catch (error) {
    await transport.close();
    throw error;
  }
}

async function accessSource({ kubeconfig, context, variables }: ConnectOptions): Promise<AccessSource> {
  if (kubeconfig) return kubeconfigAccess({ path: kubeconfig, ...(context ? { context } : {}) }, variables);
  if (!variables.KUBECONFIG && isInCluster(variables)) return inClusterAccess(variables);
  if (!variables.KUBECONFIG && !hasKubeconfig(variables)) {
    throw new AccessError(
      "no cluster to talk to: there is no kubeconfig, and this is no pod; name a file with --kubeconfig",
    );
  }
  return kubeconfigAccess(context ? { context } : {}, variables);
}

/** What the settings of the cluster say about a proxy counts for more than the environment. */
function throughProxy(source: AccessSource, variables: ConnectOptions["variables"]): AccessSource {
  return {
    description: source.description,
    namespace: source.namespace,
    async read(again) {
      const access = await source.read(again);
      const proxyUrl = access.proxyUrl ?? proxyFromEnvironment(access.server, variables);
      return proxyUrl === undefined ? access : { ...access, proxyUrl };
    },
  };
}
