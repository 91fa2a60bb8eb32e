import { readFile } from "node:fs/promises";
import type { Cluster, KubeConfig } from "@kubernetes/client-node";

/** A plugin that prints credentials, as the kubeconfig names it. */
interface ExecPlugin {
  readonly apiVersion?: string;
  readonly provideClusterInfo?: boolean;
  env?: readonly { readonly name: string; readonly value: string }[] | null;
}

const VARIABLE = "KUBERNETES_EXEC_INFO";
const EXTENSION = "client.authentication.k8s.io/exec";

/**
 * Tells the plugin of the current user, if it has one, what kubectl tells it in `KUBERNETES_EXEC_INFO`: an ExecCredential that says that
 * nobody sits before it, and where it wants to know it (`provideClusterInfo`), the cluster.
 * @param paths of the kubeconfig files; the first that defines the cluster counts
 * @see https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
 */
export async function tellPlugin(config: KubeConfig, paths: readonly string[]): Promise<void> {
  const plugin = config.getCurrentUser()?.exec as ExecPlugin | null | undefined;
  const cluster = config.getCurrentCluster();
  if (!plugin || !cluster) return;
  const spec = {
    ...(plugin.provideClusterInfo ? { cluster: await clusterInfo(cluster, paths) } : {}),
    interactive: false,
  };
  const value = JSON.stringify({ kind: "ExecCredential", apiVersion: plugin.apiVersion, spec });
  plugin.env = [...(plugin.env ?? []).filter(({ name }) => name !== VARIABLE), { name: VARIABLE, value }];
}

async function clusterInfo(cluster: Cluster, paths: readonly string[]): Promise<object> {
  const { server, tlsServerName, caData, caFile, proxyUrl, skipTLSVerify } = cluster;
  const authority = caData ?? (caFile === undefined ? undefined : (await readFile(caFile)).toString("base64"));
  const config = await pluginConfig(cluster.name, paths);
  return {
    server,
    ...(tlsServerName ? { "tls-server-name": tlsServerName } : {}),
    ...(skipTLSVerify ? { "insecure-skip-tls-verify": true } : {}),
    ...(authority ? { "certificate-authority-data": authority } : {}),
    ...(proxyUrl ? { "proxy-url": proxyUrl } : {}),
    ...(config === undefined ? {} : { config }),
  };
}

/** What the cluster's entry says to plugins; the reader of kubeconfigs leaves it out. */
async function pluginConfig(name: string, paths: readonly string[]): Promise<unknown> {
  const { parse } = await import("./yamlText.ts");
  for (const path of paths) {
    const { clusters } = parse(await readFile(path, "utf8")) as { readonly clusters?: readonly WrittenCluster[] };
    const written = clusters?.find((one) => one.name === name);
    if (written) return written.cluster?.extensions?.find((one) => one.name === EXTENSION)?.extension;
  }
  return undefined;
}

interface WrittenCluster {
  readonly name: string;
  readonly cluster?: { readonly extensions?: readonly { readonly name: string; readonly extension: unknown }[] };
}
