import { expect } from "vitest";
import type { Cluster, ListOptions } from "../../../src/cluster/cluster.ts";
import { PODS } from "../../../src/cluster/resource.ts";
import { aPod, aPodOnNode, CONFIG_MAPS, createConfigMap, createPod, type Loose, refusal } from "../fixtures.ts";
import type { Chapter } from "../target.ts";

const LABELS: Readonly<Record<string, Record<string, string>>> = {
  a: { app: "web", tier: "front" },
  b: { app: "web", tier: "back" },
  c: { app: "db", tier: "back" },
  d: { canary: "" },
};

/** Selector → the objects of {@link LABELS} it selects. */
const LABEL_SELECTORS: readonly (readonly [string, readonly string[]])[] = [
  ["app=web", ["a", "b"]],
  ["app==web,tier=back", ["b"]],
  ["app!=web", ["c", "d"]],
  ["app in (web, db),tier notin (front)", ["b", "c"]],
  ["app notin (web)", ["c", "d"]],
  ["canary", ["d"]],
  ["!canary", ["a", "b", "c"]],
  ["canary=", ["d"]],
  ["app", ["a", "b", "c"]],
];

export const lists: Chapter = {
  title: "lists",
  cases: [
    {
      promise: "a list is ordered by name and as new as the last write",
      async run({ cluster, namespace }) {
        for (const name of ["c", "a", "b"]) await createConfigMap(cluster, namespace, name, { labels: { mine: "1" } });
        const last = await createConfigMap(cluster, namespace, "d", { labels: { mine: "1" } });
        const list = await cluster.list<Loose>(CONFIG_MAPS, { namespace, labelSelector: "mine" });
        expect(namesOf(list.items)).toEqual(["a", "b", "c", "d"]);
        expect(Number(list.resourceVersion)).toBeGreaterThanOrEqual(Number(last.metadata.resourceVersion));
        expect(list.continue).toBeUndefined();
        expect(list.items.every((item) => item.kind === "ConfigMap" && item.apiVersion === "v1")).toBe(true);
      },
    },
    {
      promise: "without a namespace it holds all of them",
      async run({ cluster, namespace, unique }) {
        const label = unique("mark");
        await createConfigMap(cluster, namespace, "a", { labels: { [label]: "" } });
        await createConfigMap(cluster, "default", label, { labels: { [label]: "" } });
        const all = await cluster.list<Loose>(CONFIG_MAPS, { labelSelector: label });
        await cluster.delete(CONFIG_MAPS, { namespace: "default", name: label });
        expect(all.items.map(({ metadata }) => metadata.namespace)).toEqual([namespace, "default"].sort());
      },
    },
    {
      promise: "pages hold one version: what came later is not on a later page",
      async run({ cluster, namespace }) {
        for (const name of ["a", "b", "c", "d", "e"]) await createPod(cluster, aPodOnNode(namespace, name));
        const first = await cluster.list<Loose>(PODS, { namespace, limit: 2 });
        await createPod(cluster, aPodOnNode(namespace, "bb"));
        await cluster.delete(PODS, { namespace, name: "e" }, { gracePeriodSeconds: 0 });
        const second = await cluster.list<Loose>(PODS, { namespace, limit: 2, continue: first.continue });
        const third = await cluster.list<Loose>(PODS, { namespace, limit: 2, continue: second.continue });
        expect([first, second, third].map((page) => namesOf(page.items))).toEqual([["a", "b"], ["c", "d"], ["e"]]);
        expect([second.resourceVersion, third.resourceVersion]).toEqual([first.resourceVersion, first.resourceVersion]);
        expect(third.continue).toBeUndefined();
      },
    },
    {
      promise: "a page with a selector is filled with what matches",
      async run({ cluster, namespace }) {
        for (const name of ["a", "b", "c", "d", "e"]) {
          await createPod(
            cluster,
            aPodOnNode(namespace, name, { metadata: { labels: { odd: String("ace".includes(name)) } } }),
          );
        }
        const options = { namespace, labelSelector: "odd=true", limit: 2 };
        const first = await cluster.list<Loose>(PODS, options);
        const second = await cluster.list<Loose>(PODS, { ...options, continue: first.continue });
        expect([namesOf(first.items), namesOf(second.items)]).toEqual([["a", "c"], ["e"]]);
      },
    },
    {
      promise: "a token that is none is a bad request",
      async run({ cluster, namespace }) {
        expect((await refusal(cluster.list(PODS, { namespace, limit: 1, continue: "nonsense" }))).kind).toBe(
          "badRequest",
        );
      },
    },
    ...LABEL_SELECTORS.map(([labelSelector, expected]) => ({
      promise: `the label selector "${labelSelector}" selects ${expected.join(", ")}`,
      async run({ cluster, namespace }: { cluster: Cluster; namespace: string }) {
        for (const [name, labels] of Object.entries(LABELS))
          await createPod(cluster, aPodOnNode(namespace, name, { metadata: { labels } }));
        expect(await names(cluster, { namespace, labelSelector })).toEqual(expected);
      },
    })),
    {
      promise: "a label selector that cannot be read is a bad request",
      async run({ cluster, namespace }) {
        for (const labelSelector of ["app in web", "=web", "app=(", "a b"]) {
          expect([labelSelector, (await refusal(cluster.list(PODS, { namespace, labelSelector }))).kind]).toEqual([
            labelSelector,
            "badRequest",
          ]);
        }
      },
    },
    {
      promise: "pods are selected by name, node, phase and restart policy",
      async run({ cluster, namespace }) {
        await createPod(cluster, aPodOnNode(namespace, "a", { spec: { nodeName: "node-a" } }));
        await createPod(cluster, aPodOnNode(namespace, "b", { spec: { nodeName: "node-b", restartPolicy: "Never" } }));
        await createPod(cluster, aPod(namespace, "c", { spec: { schedulerName: "nobody" } }));
        const status = { status: { phase: "Running" } };
        await cluster.patch(
          PODS,
          { namespace, name: "b" },
          { type: "merge", patch: status },
          { subresource: "status" },
        );
        for (const [fieldSelector, expected] of [
          ["metadata.name=a", ["a"]],
          ["metadata.name!=a", ["b", "c"]],
          [`metadata.namespace=${namespace},spec.nodeName=node-b`, ["b"]],
          ["spec.nodeName=", ["c"]],
          ["status.phase=Running", ["b"]],
          ["status.phase!=Running,spec.nodeName!=", ["a"]],
          ["spec.restartPolicy=Never", ["b"]],
        ] as const) {
          expect([fieldSelector, await names(cluster, { namespace, fieldSelector })]).toEqual([
            fieldSelector,
            expected,
          ]);
        }
      },
    },
    {
      promise: "a field nobody selects by is a bad request",
      async run({ cluster, namespace }) {
        const error = await refusal(cluster.list(PODS, { namespace, fieldSelector: "spec.hostname=x" }));
        expect(error.kind).toBe("badRequest");
        expect(error.message).toContain("field label not supported: spec.hostname");
      },
    },
    {
      promise: "a namespace that is not there has an empty list",
      async run({ cluster, unique }) {
        expect((await cluster.list(PODS, { namespace: unique("nowhere") })).items).toEqual([]);
      },
    },
  ],
  httpCases: [
    {
      promise: "a page tells how many items remain",
      async run({ http, cluster, namespace }) {
        for (const name of ["a", "b", "c"]) await createPod(cluster, aPodOnNode(namespace, name));
        const { json } = await http.request("GET", `/api/v1/namespaces/${namespace}/pods?limit=1`);
        expect(json.metadata.remainingItemCount).toBe(2);
      },
    },
  ],
};

async function names(cluster: Cluster, options: ListOptions): Promise<string[]> {
  return namesOf((await cluster.list<Loose>(PODS, options)).items);
}

function namesOf(items: readonly Loose[]): string[] {
  return items.map((item) => item.metadata.name ?? "");
}
