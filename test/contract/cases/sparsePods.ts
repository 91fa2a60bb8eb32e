import { expect } from "vitest";
import type { Cluster, WatchOptions } from "../../../src/cluster/cluster.ts";
import { PODS } from "../../../src/cluster/resource.ts";
import type { Pod } from "../../../src/core/kube/pod.ts";
import { podRecord } from "../../../src/core/pod/podRecord.ts";
import { eventsOf, refusal } from "../fixtures.ts";
import type { Chapter } from "../target.ts";
import { createVariedPods } from "../variedPods.ts";

const PROTOBUF = "application/vnd.kubernetes.protobuf";

export const sparsePods: Chapter = {
  title: "pods of which only a record is made",
  cases: [
    {
      promise: "are answered to a patch with the same record as a whole one",
      async run({ cluster, namespace }) {
        await createVariedPods(cluster, namespace);
        const { items } = await cluster.list<Pod>(PODS, { namespace });
        const [pod] = items;
        const patch = { metadata: { labels: { patched: "yes" } } };
        const name = { namespace, name: pod!.metadata.name! };
        const sparse = await cluster.patch<Pod>(PODS, name, { type: "merge", patch }, { sparse: true });
        expect(sparse.metadata.labels).toMatchObject({ patched: "yes" });
        expect(podRecord(sparse)).toEqual(podRecord(await cluster.get<Pod>(PODS, name)));
      },
    },
    {
      promise: "are listed with the same records as whole ones, page by page as well",
      async run({ cluster, namespace }) {
        await createVariedPods(cluster, namespace);
        const whole = await cluster.list<Pod>(PODS, { namespace });
        const sparse = await cluster.list<Pod>(PODS, { namespace, sparse: true });
        expect(sparse.items.map(podRecord)).toEqual(whole.items.map(podRecord));
        expect(sparse.items).toHaveLength(3);
        expect(Number(sparse.resourceVersion)).toBeGreaterThanOrEqual(Number(whole.resourceVersion));
        const page = await cluster.list<Pod>(PODS, { namespace, sparse: true, limit: 2 });
        const rest = await cluster.list<Pod>(PODS, {
          namespace,
          sparse: true,
          limit: 2,
          continue: page.continue ?? "",
        });
        expect([...page.items, ...rest.items].map(podRecord)).toEqual(whole.items.map(podRecord));
        expect(rest.continue).toBeUndefined();
      },
    },
    {
      promise: "are watched with the same events and records as whole ones",
      async run({ cluster, namespace }) {
        const { resourceVersion } = await cluster.list(PODS, { namespace });
        await createVariedPods(cluster, namespace);
        await cluster.delete(PODS, { namespace, name: "leaving" }, { gracePeriodSeconds: 0 });
        const whole = await watched(cluster, { namespace, resourceVersion });
        expect(whole.at(-1)?.[0]).toBe("DELETED leaving");
        expect(whole.length).toBeGreaterThan(6);
        expect(await watched(cluster, { namespace, resourceVersion, sparse: true })).toEqual(whole);
      },
    },
    {
      promise: "begin with the whole state when a watch asks for it, closed by a bookmark",
      async run({ cluster, namespace }) {
        await createVariedPods(cluster, namespace);
        const { items } = await cluster.list<Pod>(PODS, { namespace });
        const controller = new AbortController();
        const state: Pod[] = [];
        const options = { namespace, sendInitialEvents: true, sparse: true, signal: controller.signal } as const;
        for await (const event of cluster.watch<Pod>(PODS, options)) {
          if (event.type === "BOOKMARK" && event.initialEventsEnd) break;
          if (event.type === "ADDED") state.push(event.object);
        }
        controller.abort();
        expect(state.map(podRecord)).toEqual(items.map(podRecord));
      },
    },
    {
      promise: "a version that is no longer in the history is gone for them as well",
      async run({ cluster, expiredVersion }) {
        const { type, resourceVersion } = await expiredVersion();
        const read = eventsOf(cluster, type, { resourceVersion, sparse: true }, { count: 1 });
        expect(await refusal(read)).toMatchObject({ kind: "gone" });
      },
    },
    {
      promise: "a selector that cannot be read is refused in the same words",
      async run({ cluster, namespace }) {
        const [whole, sparse] = await Promise.all(
          [{}, { sparse: true } as const].map((how) =>
            refusal(cluster.list(PODS, { namespace, fieldSelector: "color=red", ...how })),
          ),
        );
        expect(sparse).toMatchObject({ kind: "badRequest", message: whole?.message, status: whole?.status });
      },
    },
  ],
  httpCases: [
    {
      promise: "come in the first format of the request that the server has, and it says in which",
      async run({ namespace, http }) {
        const pods = `/api/v1/namespaces/${namespace}/pods`;
        const answered = async (path: string, accept: string) => {
          const { headers, text } = await http.request("GET", path, { headers: { accept } });
          return [headers["content-type"], text.slice(0, 4) === "k8s\0"];
        };
        expect(await answered(pods, `${PROTOBUF}, application/json`)).toEqual([PROTOBUF, true]);
        expect(await answered(pods, `application/json, ${PROTOBUF}`)).toEqual(["application/json", false]);
        expect(await answered(`${pods}/none`, `${PROTOBUF}, application/json`)).toEqual([PROTOBUF, true]);
        const sets = "/apis/apps.kruise.io/v1beta1/sidecarsets";
        expect(await answered(sets, `${PROTOBUF}, application/json`)).toEqual(["application/json", false]);
        const watch = `${pods}?watch=true&timeoutSeconds=1`;
        const stream = `${PROTOBUF};stream=watch`;
        for (const accept of [PROTOBUF, stream]) {
          const { headers } = await http.request("GET", watch, { headers: { accept: `${accept}, application/json` } });
          expect(headers["content-type"]).toBe(stream);
        }
      },
    },
  ],
};

/** What a watch tells, up to the deletion that ends it. */
async function watched(
  cluster: Cluster,
  options: Omit<WatchOptions, "signal">,
): Promise<(readonly [string, unknown])[]> {
  const seen: (readonly [string, unknown])[] = [];
  for await (const event of cluster.watch<Pod>(PODS, { ...options, signal: AbortSignal.timeout(15_000) })) {
    if (event.type === "BOOKMARK") continue;
    seen.push([`${event.type} ${event.object.metadata.name}`, podRecord(event.object)]);
    if (event.type === "DELETED") break;
  }
  return seen;
}
