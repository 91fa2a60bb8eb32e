import { INITIAL_EVENTS_END, type WatchEvent } from "../cluster/cluster.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import type { KubeObject, Status } from "../core/kube/object.ts";

/** One line of a watch's answer. */
interface WireEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: T | Status;
}

/**
 * The events of a watch until the bytes end or the signal aborts; an ERROR event throws. A last line cut off by a lost connection is
 * dropped: its event comes again.
 */
export async function* watchEvents<T extends KubeObject>(
  chunks: AsyncIterable<Buffer>,
  signal: AbortSignal,
): AsyncIterable<WatchEvent<T>> {
  for await (const line of lines(chunks)) {
    if (signal.aborted) return;
    yield eventFromLine<T>(line);
  }
}

const NEWLINE = 10;

/** Splits on bytes: a chunk may end within a character, and a text is made only of whole lines. */
async function* lines(chunks: AsyncIterable<Buffer>): AsyncIterable<string> {
  let pending: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const last = chunk.subarray(start, end);
      const line = pending.length === 0 ? last : Buffer.concat([...pending, last]);
      pending = [];
      start = end + 1;
      if (line.length > 0) yield line.toString("utf8");
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
}

function eventFromLine<T extends KubeObject>(line: string): WatchEvent<T> {
  const { type, object } = parseLine<T>(line);
  if (type === "ERROR") throw ClusterError.fromStatus(object as Status);
  if (type === "BOOKMARK") return bookmark(object as T);
  return { type, object: object as T };
}

function bookmark({ metadata }: KubeObject): WatchEvent<never> {
  const { resourceVersion = "", annotations } = metadata;
  return {
    type: "BOOKMARK",
    resourceVersion,
    ...(annotations?.[INITIAL_EVENTS_END] ? { initialEventsEnd: true } : {}),
  };
}

function parseLine<T>(line: string): WireEvent<T> {
  try {
    return JSON.parse(line) as WireEvent<T>;
  } catch (error) {
    throw new ClusterError("unavailable", `the watch sent a line that is no JSON: ${line.slice(0, 80)}`, {
      cause: error,
    });
  }
}
