import { expect } from "vitest";
import type { Cluster } from "../../../src/cluster/cluster.ts";
import { PODS } from "../../../src/cluster/resource.ts";
import {
  aPodOnNode,
  CONFIG_MAPS,
  createConfigMap,
  createPod,
  eventsOf,
  type Loose,
  refusal,
  told,
} from "../fixtures.ts";
import type { Chapter } from "../target.ts";

export const watches: Chapter = {
  title: "watches",
  cases: [
    {
      promise: "from a version it tells everything after it, in order, each with a newer version",
      async run({ cluster, namespace }) {
        const before = await createConfigMap(cluster, namespace, "before");
        const from = before.metadata.resourceVersion ?? "";
        await createConfigMap(cluster, namespace, "a");
        await relabel(cluster, namespace, "1");
        const events = await eventsOf(
          cluster,
          CONFIG_MAPS,
          { namespace, resourceVersion: from },
          {
            count: 4,
            async during() {
              await relabel(cluster, namespace, "2");
              await cluster.delete(CONFIG_MAPS, { namespace, name: "a" });
            },
          },
        );
        expect(told(events)).toEqual(["ADDED a", "MODIFIED a", "MODIFIED a", "DELETED a"]);
        expect(events.map((event) => event.object.metadata.labels?.x)).toEqual([undefined, "1", "2", "2"]);
        const versions = [from, ...events.map((event) => event.object.metadata.resourceVersion)].map(Number);
        expect(versions).toEqual([...versions].sort((x, y) => x - y));
        expect(new Set(versions).size).toBe(5);
        expect(events[0]?.object).toMatchObject({ kind: "ConfigMap", apiVersion: "v1" });
      },
    },
    {
      promise: "without a version it begins with what is there",
      async run({ cluster, namespace }) {
        for (const name of ["a", "b"]) await createPod(cluster, aPodOnNode(namespace, name));
        const events = await eventsOf(cluster, PODS, { namespace }, { count: 2 });
        expect(told(events).sort()).toEqual(["ADDED a", "ADDED b"]);
      },
    },
    {
      promise: "asked for the state first, it marks where that ends, and goes on from there",
      async run({ cluster, namespace }) {
        await createConfigMap(cluster, namespace, "a", { labels: { x: "1" } });
        await createConfigMap(cluster, namespace, "b", { labels: { x: "2" } });
        const controller = new AbortController();
        const seen: string[] = [];
        for await (const event of cluster.watch<Loose>(CONFIG_MAPS, {
          namespace,
          labelSelector: "x=1",
          sendInitialEvents: true,
          signal: controller.signal,
        })) {
          if (event.type !== "BOOKMARK") seen.push(`${event.type} ${event.object.metadata.name}`);
          else if (event.initialEventsEnd) {
            seen.push("complete");
            const { metadata } = await cluster.get<Loose>(CONFIG_MAPS, { namespace, name: "b" });
            expect(Number(event.resourceVersion)).toBeGreaterThanOrEqual(Number(metadata.resourceVersion));
            await relabel(cluster, namespace, "1", { other: "change" });
          }
          if (seen.length === 3) controller.abort();
        }
        expect(seen).toEqual(["ADDED a", "complete", "MODIFIED a"]);
      },
    },
    {
      promise: "nothing of other namespaces is told",
      async run({ cluster, namespace }) {
        const { resourceVersion } = await cluster.list(CONFIG_MAPS, { namespace });
        const events = await eventsOf(
          cluster,
          CONFIG_MAPS,
          { namespace, resourceVersion },
          {
            count: 1,
            async during() {
              await createConfigMap(cluster, "default", namespace);
              await cluster.delete(CONFIG_MAPS, { namespace: "default", name: namespace });
              await createConfigMap(cluster, namespace, "mine");
            },
          },
        );
        expect(told(events)).toEqual(["ADDED mine"]);
      },
    },
    {
      promise: "what begins or ceases to match the selector is told as added or deleted",
      async run({ cluster, namespace }) {
        const { resourceVersion } = await cluster.list(CONFIG_MAPS, { namespace });
        const events = await eventsOf(
          cluster,
          CONFIG_MAPS,
          { namespace, resourceVersion, labelSelector: "x=1" },
          {
            count: 5,
            async during() {
              await createConfigMap(cluster, namespace, "a", { labels: { x: "0" } });
              await relabel(cluster, namespace, "1");
              await relabel(cluster, namespace, "2");
              await relabel(cluster, namespace, "1");
              await relabel(cluster, namespace, "1", { other: "change" });
              await cluster.delete(CONFIG_MAPS, { namespace, name: "a" });
            },
          },
        );
        expect(told(events)).toEqual(["ADDED a", "DELETED a", "ADDED a", "MODIFIED a", "DELETED a"]);
        const versions = events.map((event) => Number(event.object.metadata.resourceVersion));
        expect(versions).toEqual([...versions].sort((x, y) => x - y));
        expect(new Set(versions).size).toBe(5);
        // An object that left the selection is shown as it was before, with the version of its leaving.
        expect(events[1]?.object.metadata.labels).toEqual({ x: "1" });
      },
    },
    {
      promise: "a field selector follows one object",
      async run({ cluster, namespace }) {
        const { resourceVersion } = await cluster.list(PODS, { namespace });
        const options = { namespace, resourceVersion, fieldSelector: "metadata.name=b" };
        const events = await eventsOf(cluster, PODS, options, {
          count: 1,
          async during() {
            await createPod(cluster, aPodOnNode(namespace, "a"));
            await createPod(cluster, aPodOnNode(namespace, "b"));
          },
        });
        expect(told(events)).toEqual(["ADDED b"]);
      },
    },
    {
      promise: "a version that is no longer in the history is gone",
      async run({ cluster, expiredVersion }) {
        const { type, resourceVersion } = await expiredVersion();
        const error = await refusal(eventsOf(cluster, type, { resourceVersion }, { count: 1 }));
        expect(error.kind).toBe("gone");
        expect(error.status).toMatchObject({ code: 410, reason: "Expired" });
        expect(error.message).toMatch(/^too old resource version: \d+ \(\d+\)$/);
      },
    },
    {
      promise: "it ends by itself when its seconds are over, and tells at most how far it came",
      async run({ cluster, namespace }) {
        const { resourceVersion } = await cluster.list(PODS, { namespace });
        const { signal } = new AbortController();
        for await (const event of cluster.watch<Loose>(PODS, {
          namespace,
          resourceVersion,
          timeoutSeconds: 1,
          signal,
        })) {
          if (event.type !== "BOOKMARK") throw new Error(`told ${event.type}, though nothing happened`);
          expect(Number(event.resourceVersion)).toBeGreaterThanOrEqual(Number(resourceVersion));
          expect(event.initialEventsEnd).toBeUndefined();
        }
      },
    },
    {
      promise: "an aborted watch just ends",
      async run({ cluster, namespace }) {
        const controller = new AbortController();
        const seen: string[] = [];
        await createConfigMap(cluster, namespace, "a", { labels: { mine: "1" } });
        for await (const event of cluster.watch<Loose>(CONFIG_MAPS, {
          namespace,
          labelSelector: "mine",
          signal: controller.signal,
        })) {
          seen.push(event.type);
          controller.abort();
        }
        expect(seen).toEqual(["ADDED"]);
      },
    },
  ],
  httpCases: [
    {
      promise: "a stream that begins with the state marks where that ends",
      async run({ http, cluster, namespace }) {
        await createPod(cluster, aPodOnNode(namespace, "a"));
        const query =
          "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1";
        const { code, text } = await http.request("GET", `/api/v1/namespaces/${namespace}/pods?${query}`);
        const events = text
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line));
        expect(code).toBe(200);
        expect(events.slice(0, 2).map((event) => event.type)).toEqual(["ADDED", "BOOKMARK"]);
        expect(events[1].object.metadata.annotations).toEqual({ "k8s.io/initial-events-end": "true" });
      },
    },
  ],
};

/** Patches `a`, and returns it. */
function relabel(cluster: Cluster, namespace: string, x: string, others: Record<string, string> = {}): Promise<Loose> {
  const patch = { metadata: { labels: { x, ...others } } };
  return cluster.patch(CONFIG_MAPS, { namespace, name: "a" }, { type: "merge", patch });
}
