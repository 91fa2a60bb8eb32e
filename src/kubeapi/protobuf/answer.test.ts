import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClusterError } from "../../cluster/clusterError.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { podRecord } from "../../core/pod/podRecord.ts";
import { readPodEvent, readPodList, readStatus, type WirePodEvent } from "./answer.ts";
import { frames } from "./frames.ts";

interface Recorded {
  readonly protobuf: string;
  readonly json: unknown;
}

/** What a kube-apiserver 1.36.3 answered about three pods of `test/contract/variedPods.ts`, in both formats. */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, "recorded/pods.json"), "utf8")) as Readonly<
  Record<"list" | "watch" | "refusal" | "expiredList" | "expiredWatch", Recorded>
>;
const { items, metadata } = recorded.list.json as {
  readonly items: readonly Pod[];
  readonly metadata: { readonly resourceVersion: string };
};
const list = bytesOf("list");
const watch = bytesOf("watch");

describe("pods of a real API server, over protobuf", () => {
  it("are listed with the same records as over JSON", () => {
    const read = readPodList(list);
    expect(read.items.map(podRecord)).toEqual(items.map(podRecord));
    expect(read.items.map(({ metadata: { name } }) => name)).toEqual(["bare", "leaving", "running"]);
    expect({ ...read, items: [] }).toEqual({ items: [], resourceVersion: metadata.resourceVersion });
  });

  it.each([1, 3, 1000, watch.length])("are watched with the same records, %i bytes at a time", async (size) => {
    const events = await eventsIn(watch, size);
    expect(events.map(({ type }) => type)).toEqual(["ADDED", "ADDED", "ADDED", "BOOKMARK"]);
    const [bookmark, ...pods] = events.reverse().map(({ object }) => object as Pod);
    expect(pods.reverse().map(podRecord)).toEqual(items.map(podRecord));
    expect(bookmark?.metadata.annotations).toEqual({ "k8s.io/initial-events-end": "true" });
  });

  it("keep nothing of what a record does not need", () => {
    const running = readPodList(list).items[2]!;
    expect(Object.keys(running.metadata)).not.toContain("managedFields");
    expect(Object.keys(running.spec)).toEqual(["containers", "nodeName", "initContainers"]);
    expect(Object.keys(running.spec.initContainers![0]!)).toEqual(["name", "image"]);
  });

  it("are refused in the same words", async () => {
    expect(readStatus(bytesOf("refusal"))).toEqual(recorded.refusal.json);
    expect(readStatus(bytesOf("expiredList"))).toMatchObject({ code: 410, reason: "Expired" });
    expect(await eventsIn(bytesOf("expiredWatch"), 7)).toMatchObject([
      { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } },
    ]);
  });
});

const ELEVEN: readonly number[] = new Array<number>(11).fill(0xff);

/** A short message in the envelope that names its kind. */
function inEnvelope(kind: string, message: readonly number[]): Buffer {
  const name = [...Buffer.from(kind)];
  const typeMeta = [0x12, name.length, ...name];
  return Buffer.from([...Buffer.from("k8s\0"), 0x0a, typeMeta.length, ...typeMeta, 0x12, message.length, ...message]);
}

/** A list of one pod with this as its metadata. */
function podWith(metadata: readonly number[]): readonly number[] {
  return [0x12, metadata.length + 2, 0x0a, metadata.length, ...metadata];
}

describe("bytes that are no pods", () => {
  it("wherever they are cut off are an error, up to the two empty fields that close an answer", () => {
    const read = Array.from({ length: list.length - 4 }, (_, length) =>
      attempt(() => readPodList(list.subarray(0, length))),
    );
    expect(read.filter((outcome) => !(outcome instanceof ClusterError && outcome.kind === "unavailable"))).toEqual([]);
  });

  it.each([
    ["the JSON of a list", Buffer.from('{"kind":"PodList"}'), 'it does not start with "k8s\\u0000" (at byte 0)'],
    ["another kind", inEnvelope("Secret", []), "kind Secret is not expected"],
    ["a kind that every object has", inEnvelope("constructor", []), "kind constructor is not expected"],
    ["a refusal instead of a list", inEnvelope("Status", []), "Status instead of PodList"],
    ["a value longer than what is left", inEnvelope("PodList", [0x12, 0x7f]), "a value of 127 bytes where 0 are left"],
    ["a length of eight exabytes", inEnvelope("PodList", [0x12, ...ELEVEN.slice(0, 9), 0x00]), "is no tag or length"],
    ["a number of eleven bytes", inEnvelope("PodList", [0x12, ...ELEVEN]), "a number of more than ten bytes"],
    ["a number without an end", inEnvelope("PodList", [0x12, 0x80]), "it ends in the middle of a number"],
    ["a fixed number without an end", inEnvelope("PodList", [0x79, 0x80]), "it ends in the middle of a number"],
    ["a group", inEnvelope("PodList", [0x13, 0x13, 0x13]), "field 2 with wire type 3"],
    ["a group that is skipped", inEnvelope("PodList", [0x7b]), "wire type 3"],
    ["a number where a pod should be", inEnvelope("PodList", [0x10, 0x01]), "field 2 with wire type 0"],
    ["a name that is no UTF-8", inEnvelope("PodList", podWith([0x0a, 0x02, 0xc3, 0x28])), "a text that is no UTF-8"],
    [
      "a time beyond all years",
      inEnvelope("PodList", podWith([0x42, 0x09, 0x08, ...ELEVEN.slice(0, 7), 0x7f])),
      "are no time",
    ],
  ])("%s", (_name, bytes, message) => {
    expect(attempt(() => readPodList(bytes))).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining(message),
    });
  });

  it("however deep they are nested are skipped, or an error", () => {
    let nested: number[] = [];
    for (let depth = 0; depth < 40; depth++) nested = [0x0a, nested.length, ...nested];
    expect(attempt(() => readPodList(inEnvelope("PodList", podWith(nested))))).toMatchObject({
      items: [{ metadata: {} }],
    });
  });

  it("of any kind end in an error or in pods, at once", () => {
    const anywhere = fc.array(fc.tuple(fc.nat(list.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1 });
    fc.assert(
      fc.property(anywhere, (changes) => {
        const bytes = Buffer.from(list);
        for (const [at, byte] of changes) bytes[at] = byte;
        const outcome = attempt(() => readPodList(bytes));
        if (outcome instanceof ClusterError) return;
        expect((outcome as ReturnType<typeof readPodList>).items.map(podRecord)).toBeInstanceOf(Array);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const outcome = attempt(() => readPodEvent(Buffer.from(noise)));
        expect(outcome).toBeInstanceOf(ClusterError);
      }),
    );
  });

  it("as an event of a watch: a length that no event has ends the watch", async () => {
    await expect(eventsIn(Buffer.from("<html>"), 2)).rejects.toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("an event of 1013478509 bytes"),
    });
  });

  it("a last frame cut off by a lost connection is dropped", async () => {
    expect(await eventsIn(watch.subarray(0, watch.length - 1), 50)).toHaveLength(3);
  });
});

function bytesOf(answer: keyof typeof recorded): Buffer {
  return Buffer.from(recorded[answer].protobuf, "base64");
}

async function eventsIn(bytes: Buffer, size: number): Promise<WirePodEvent[]> {
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
  }
  const events: WirePodEvent[] = [];
  for await (const frame of frames(chunks())) events.push(readPodEvent(frame));
  return events;
}

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error;
  }
}
