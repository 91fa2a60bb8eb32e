import { describe, expect, it } from "vitest";
import type { WatchEvent } from "../cluster/cluster.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import type { KubeObject } from "../core/kube/object.ts";
import { watchEvents } from "./watchStream.ts";

const ADDED = '{"type":"ADDED","object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"größe-日本"}}}\n';
const BOOKMARK = '{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"77"}}}\n';

describe("watch stream", () => {
  it.each([1, 2, 3, 7, 1000])("reads whole lines however the bytes are cut (%i at a time)", async (size) => {
    const events = await read(ADDED + BOOKMARK + ADDED, size);
    expect(
      events.map((event) => (event.type === "BOOKMARK" ? event.resourceVersion : event.object.metadata.name)),
    ).toEqual(["größe-日本", "77", "größe-日本"]);
  });

  it("drops a last line that was cut off", async () => {
    expect((await read(ADDED + ADDED.slice(0, 40), 16)).length).toBe(1);
  });

  it("an ERROR event throws with the kind of its status", async () => {
    const error = '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}\n';
    const failure = await read(ADDED + error, 1000).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(ClusterError);
    expect(failure).toMatchObject({ kind: "gone", message: "too old" });
  });

  it("a line that is no JSON is a failure of the connection, not a crash", async () => {
    await expect(read("<html>\n", 1000)).rejects.toMatchObject({ kind: "unavailable" });
  });
});

async function read(text: string, size: number): Promise<WatchEvent<KubeObject>[]> {
  const events: WatchEvent<KubeObject>[] = [];
  const { signal } = new AbortController();
  const answer = { contentType: "application/json", chunks: chunks(Buffer.from(text), size) };
  for await (const event of watchEvents<KubeObject>(answer, signal)) events.push(event);
  return events;
}

async function* chunks(bytes: Buffer, size: number): AsyncIterable<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
