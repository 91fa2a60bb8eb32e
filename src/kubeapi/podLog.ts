import type { ObjectName } from "../cluster/cluster.ts";
import { PODS } from "../cluster/resource.ts";
import { resourcePath } from "./resourcePath.ts";
import type { Transport } from "./transport.ts";

/** Query parameters of a pod's log, as the API calls them. */
export interface PodLogOptions {
  readonly container: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
}

/** The bytes that a container has written; with `follow`, until it ends or the signal aborts. Rejects with a ClusterError. */
export async function* podLog(
  transport: Transport,
  pod: ObjectName,
  { container, ...options }: PodLogOptions,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  const path = resourcePath(PODS, { ...pod, subresource: "log" }, { container, ...options });
  const answer = await transport.open({ path, accept: "application/json, */*" }, signal);
  if (answer) yield* answer.chunks;
}
