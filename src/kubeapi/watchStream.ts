import { INITIAL_EVENTS_END, type WatchEvent } from "../cluster/cluster.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import type { KubeObject, Status } from "../core/kube/object.ts";
import { readPodEvent } from "./protobuf/answer.ts";
import { frames } from "./protobuf/frames.ts";
import { isProtobuf } from "./protobuf/mediaType.ts";
import type { OpenAnswer } from "./transport.ts";

/** One event as it is sent, in whichever format. */
interface WireEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: T | Status;
}

/**
 * The events of a watch until the bytes end or the signal aborts; an ERROR event throws. A last one cut off by a lost connection is
 * dropped: its event comes again.
 */
export async function* watchEvents<T extends KubeObject>(
  { contentType, chunks }: OpenAnswer,
  signal: AbortSignal,
): AsyncIterable<WatchEvent<T>> {
  const [split, read] = isProtobuf(contentType) ? [frames, readPodEvent] : [lines, readLine];
  for await (const bytes of split(chunks)) {
    if (signal.aborted) return;
    yield toldBy(read(bytes) as WireEvent<T>);
  }
}

const NEWLINE = 10;

/** Splits on bytes: a chunk may end within a character, and a text is made only of whole lines. */
async function* lines(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let pending: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const last = chunk.subarray(start, end);
      const line = pending.length === 0 ? last : Buffer.concat([...pending, last]);
      pending = [];
      start = end + 1;
      if (line.length > 0) yield line;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
}

function toldBy<T extends KubeObject>({ type, object }: WireEvent<T>): WatchEvent<T> {
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

function readLine(bytes: Buffer): unknown {
  const line = bytes.toString("utf8");
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new ClusterError("unavailable", `the watch sent a line that is no JSON: ${line.slice(0, 80)}`, {
      cause: error,
    });
  }
}
