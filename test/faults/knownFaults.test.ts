import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ClusterError } from "../../src/cluster/clusterError.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import { PODS } from "../../src/cluster/resource.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { connectTo } from "../../src/kubeapi/connect.ts";
import { podEventFrame, podListBytes } from "../../src/simulator/https/protobufAnswer.ts";
import { aPodObject } from "../aPod.ts";
import { settle, VirtualClock } from "../virtualClock.ts";
import { refuseStreaming } from "./refusal.ts";
import { names, page, pod, start, streaming, synced } from "./scriptedInformer.ts";

const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** What informers of other clients are known to get wrong; what is not here has its sentence in `src/cluster/informer.test.ts`. */
describe("an informer", () => {
  it.each(["with traffic", "in silence"])(
    "keeps a watch for as long as the server promised, %s, and comes back at once",
    async (how) => {
      const { cluster, clock } = await synced([], { random: () => 0 });
      for (let second = 10; second <= 300; second += 10) {
        if (how === "with traffic") cluster.send({ type: "MODIFIED", object: pod("a", String(100 + second)) });
        await clock.advance(10_000);
      }
      expect(cluster.watches.length).toBe(1);
      cluster.close();
      await clock.advance(0);
      expect(cluster.watches.length).toBe(2);
    },
  );

  it("hears bookmarks on a quiet watch, so that its version never grows too old", async () => {
    const { cluster, clock } = await synced([], { random: () => 0 });
    for (let minute = 1; minute <= 4; minute++) {
      cluster.send({ type: "BOOKMARK", resourceVersion: String(1000 * minute) });
      await clock.advance(60_000);
    }
    cluster.failWatch(new ClusterError("unavailable", "connection reset"));
    await clock.advance(2_000);
    expect(cluster.watches.map(({ options }) => options.resourceVersion)).toEqual(["10", "4000"]);
    expect(cluster.lists.length).toBe(1);
  });

  it.each(["unavailable", "unauthorized", "forbidden", "unknown", "badRequest", "conflict", "notFound"] as const)(
    "is not stopped by %s in the middle of a watch, and goes on from where it was",
    async (kind) => {
      const { cluster, clock, copy } = await synced([pod("a", "1")]);
      cluster.send({ type: "MODIFIED", object: pod("a", "11") });
      cluster.failWatch(new ClusterError(kind, "the server has failed"));
      await clock.advance(2_000);
      expect(cluster.watches.map(({ options }) => options.resourceVersion)).toEqual(["10", "11"]);
      cluster.send({ type: "MODIFIED", object: pod("a", "12") });
      await settle();
      expect(names(copy)).toEqual(["a:12"]);
    },
  );

  it("spreads its returns by chance, so that clients that failed together do not come back together", async () => {
    const delays = async (fraction: number): Promise<unknown> => {
      const { cluster, clock, log } = await synced([], { random: () => fraction });
      cluster.failWatch(new ClusterError("unavailable", "connection reset"));
      await clock.advance(0);
      return log[0]?.[2]?.delayMs;
    };
    expect([await delays(0), await delays(0.5), await delays(0.999999)]).toEqual([800, 1200, 1600]);
  });

  it("tells as deleted what was deleted while nobody watched", async () => {
    const { cluster, changes, clock } = await synced([pod("a", "1"), pod("b", "2")]);
    cluster.failWatch(new ClusterError("unavailable", "connection reset"));
    await clock.advance(2_000);
    cluster.failWatch(new ClusterError("gone", "too old resource version"));
    await clock.advance(2_000);
    cluster.answerList(page("50", [pod("b", "2")]));
    await clock.advance(2_000);
    expect(changes.slice(2)).toEqual(["deleted a:1"]);
  });

  it.each(["while the state is streamed", "while it lists", "while it watches", "while it waits"])(
    "stopped %s tells no listener and logs nothing",
    async (when) => {
      const started = when === "while the state is streamed" ? await streaming() : start();
      const { cluster, clock, changes, log, stop } = started;
      await settle();
      if (when === "while it watches" || when === "while it waits") {
        cluster.answerList(page("10", []));
        await settle();
      }
      if (when === "while it waits") {
        cluster.failWatch(new ClusterError("unavailable", "connection reset"));
        await settle();
      }
      const logged = log.length;
      stop();
      if (when === "while it lists") cluster.failList(new ClusterError("unavailable", "connection reset"));
      await clock.advance(60_000);
      expect([changes, log.slice(logged)]).toEqual([[], []]);
    },
  );
});

describe.each(["protobuf", "JSON"] as const)("an informer of a server that speaks %s", (format) => {
  const isProtobuf = format === "protobuf";
  const LIST = { apiVersion: "v1", kind: "PodList", metadata: { resourceVersion: "10" }, itemsNameKind: false };

  it("keeps the same of a pod whether it was listed, streamed or watched: times are texts in all of them", async () => {
    const given = wholePod("a", "11");
    const event = (type: "ADDED" | "MODIFIED", object: Pod): Buffer =>
      isProtobuf ? podEventFrame({ type, object: object as never }) : line({ type, object });
    const seen: Pod[] = [];
    const server = await serve(isProtobuf, (url, response) => {
      if (!url.searchParams.has("watch")) return response.end(listBody([given]));
      if (url.searchParams.has("sendInitialEvents")) return refuseStreaming(response);
      response.write(event("MODIFIED", wholePod("a", "12")));
    });
    const clock = new VirtualClock();
    const controller = new AbortController();
    undo.push(() => controller.abort());
    const environment = { clock, random: () => 0.5, log: () => {} };
    const listOptions = { sparse: true } as const;
    const common = { cluster: server, environment, signal: controller.signal, listOptions };
    const copy = startInformer<Pod, Pod>({ ...common, type: PODS, transform: (object) => object });
    await new Promise<void>((resolve) => {
      copy.subscribe((change) => {
        if (change.type !== "deleted") seen.push(change.object);
        if (seen.length === 2) resolve();
      });
    });
    const [listed, watched] = seen.map(({ metadata: { resourceVersion: _version, ...metadata }, ...rest }) => ({
      ...rest,
      metadata,
    }));
    expect(watched).toEqual(listed);
    expect(listed?.metadata.creationTimestamp).toBe("2026-06-01T00:00:00Z");
  });

  it("takes 200,000 pods in one answer", async () => {
    const body = listBody(new Array<Pod>(200_000).fill(BARE_POD));
    const server = await serve(isProtobuf, (_url, response) => response.end(body));
    expect((await server.list<Pod>(PODS, { sparse: true })).items.length).toBe(200_000);
  });

  function listBody(items: readonly Pod[]): Buffer {
    return isProtobuf
      ? podListBytes({ ...LIST, items: items as never })
      : Buffer.from(JSON.stringify({ ...LIST, items }));
  }
});

function line(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

const BARE_POD: Pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { containers: [] } };

function wholePod(name: string, resourceVersion: string): Pod {
  const made = aPodObject({ name });
  return { ...made, metadata: { ...made.metadata, resourceVersion, creationTimestamp: "2026-06-01T00:00:00Z" } };
}

async function serve(isProtobuf: boolean, answer: (url: URL, response: ServerResponse) => unknown) {
  const server = createServer((request: IncomingMessage, response) => {
    if (request.url === "/version") return void response.end('{"gitVersion":"v1.36.3"}');
    response.setHeader("content-type", isProtobuf ? "application/vnd.kubernetes.protobuf" : "application/json");
    answer(new URL(request.url ?? "/", "http://server"), response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const access = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tls: {}, headers: {} };
  const api = await connectTo({ description: "a server", read: async () => access });
  undo.push(() => api.close());
  return api;
}
