import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { WatchEvent } from "../../cluster/cluster.ts";
import { ClusterError } from "../../cluster/clusterError.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { watchEvents } from "../watchStream.ts";

/** A watch of three pods and the end of the state, then the refusal of an old version, as a kube-apiserver 1.36.3 sent them. */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, "recorded/pods.json"), "utf8")) as Readonly<
  Record<"watch" | "expiredWatch", { readonly protobuf: string }>
>;
const WATCH = Buffer.from(recorded.watch.protobuf, "base64");
const GONE = Buffer.from(recorded.expiredWatch.protobuf, "base64");
const PREFIX = 4;
const starts = startsOfFrames(WATCH);
const whole = await eventsIn([WATCH]);
/** The smallest pod, and the bookmark: few enough bytes to try each place. */
const SHORT = Buffer.concat([WATCH.subarray(0, starts[1]), WATCH.subarray(starts.at(-1))]);
const short = await eventsIn([SHORT]);

describe("the frames of a watch", () => {
  it("tell the same wherever the bytes are split", async () => {
    expect(whole.events).toHaveLength(4);
    const told = JSON.stringify(short);
    const differs: number[] = [];
    for (let at = 1; at < SHORT.length; at++)
      if (JSON.stringify(await eventsIn([SHORT.subarray(0, at), SHORT.subarray(at)])) !== told) differs.push(at);
    expect(differs).toEqual([]);
  });

  it("cut off anywhere tell what was whole before", async () => {
    const bookmarkAt = starts[1]!;
    const differs: number[] = [];
    for (let at = 0; at < SHORT.length; at++) {
      const told = JSON.stringify({ events: short.events.slice(0, at < bookmarkAt ? 0 : 1) });
      if (JSON.stringify(await eventsIn([SHORT.subarray(0, at)])) !== told) differs.push(at);
    }
    expect(differs).toEqual([]);
  });

  it("of a wrong length, shorter or longer, are never taken for an event, nor is what follows", async () => {
    for (const [index, start] of starts.entries()) {
      for (const off of [-1000, -100, -9, -4, -3, -2, -1, 1, 2, 3, 4, 5, 9, 100, 1000]) {
        const bytes = Buffer.from(WATCH);
        const length = bytes.readUInt32BE(start) + off;
        if (length < 0) continue;
        bytes.writeUInt32BE(length, start);
        const { events, error } = await eventsIn([bytes]);
        expect(events, `frame ${index}, ${off} bytes off`).toEqual(whole.events.slice(0, index));
        const isWaitedFor = start + PREFIX + length > bytes.length;
        expect(error, `frame ${index}, ${off} bytes off`).toEqual(isWaitedFor ? undefined : expect.any(ClusterError));
      }
    }
  });

  it("with 410 throw it, whatever came before counts", async () => {
    for (const chunks of [[WATCH, GONE], [Buffer.concat([WATCH, GONE])]]) {
      const { events, error } = await eventsIn(chunks);
      expect(events).toEqual(whole.events);
      expect(error).toMatchObject({ kind: "gone" });
    }
  });
});

interface Told {
  readonly events: readonly WatchEvent<Pod>[];
  readonly error: unknown;
}

async function eventsIn(chunks: readonly Buffer[]): Promise<Told> {
  async function* arriving() {
    yield* chunks;
  }
  const events: WatchEvent<Pod>[] = [];
  const answer = { contentType: "application/vnd.kubernetes.protobuf;stream=watch", chunks: arriving() };
  try {
    for await (const event of watchEvents<Pod>(answer, new AbortController().signal)) events.push(event);
  } catch (error) {
    return { events, error };
  }
  return { events, error: undefined };
}

function startsOfFrames(bytes: Buffer): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at < bytes.length; at += PREFIX + bytes.readUInt32BE(at)) found.push(at);
  return found;
}
