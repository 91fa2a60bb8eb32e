import { connect, type KubeApi } from "../kubeapi/connect.ts";
import { VERSION } from "./version.ts";

/** The flags that say which cluster. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Connects, works, and closes. Rejects with an AccessError or a ClusterError. */
export async function withCluster<T>(
  { kubeconfig, context }: ClusterOptions,
  work: (cluster: KubeApi) => Promise<T>,
): Promise<T> {
  const cluster = await connect({
    ...(kubeconfig ? { kubeconfig } : {}),
    ...(context ? { context } : {}),
    variables: process.env,
    userAgent: `sidecarset/${VERSION}`,
  });
  try {
    return await work(cluster);
  } finally {
    await cluster.close();
  }
}
