import { expect } from "vitest";
import type { Cluster } from "../../../src/cluster/cluster.ts";
import { CUSTOM_RESOURCE_DEFINITIONS, SIDECAR_SETS } from "../../../src/cluster/resource.ts";
import type { JsonObject } from "../../../src/core/kube/object.ts";
import { eventsOf, type Loose, refusal, told } from "../fixtures.ts";
import { aSidecarSet } from "../sidecarSetsKind.ts";
import type { CaseContext, Chapter } from "../target.ts";

const OLDER_VERSION = { ...SIDECAR_SETS, version: "v1alpha1" };

/** A spec that the schema refuses → the field it names and the word it uses. */
const REFUSED: readonly (readonly [string, JsonObject, string, string])[] = [
  [
    "a list where labels are expected",
    { updateStrategy: { selector: { matchLabels: [{ canary: "true" }] } } },
    "spec.updateStrategy.selector.matchLabels",
    "FieldValueTypeInvalid",
  ],
  [
    "a text where a truth is expected",
    { updateStrategy: { paused: "yes" } },
    "spec.updateStrategy.paused",
    "FieldValueTypeInvalid",
  ],
  ["a number where a text is expected", { namespace: 7 }, "spec.namespace", "FieldValueTypeInvalid"],
  [
    "a truth where a number or a percentage is expected",
    { updateStrategy: { partition: true } },
    "spec.updateStrategy.partition",
    "FieldValueTypeInvalid",
  ],
  [
    "a number below the least there is",
    { updateStrategy: { progressDeadlineSeconds: 0 } },
    "spec.updateStrategy.progressDeadlineSeconds",
    "FieldValueInvalid",
  ],
  [
    "a word that is none of those there are",
    { updateStrategy: { resourceChange: "Guess" } },
    "spec.updateStrategy.resourceChange",
    "FieldValueNotSupported",
  ],
  [
    "an item of a list without what it needs",
    { updateStrategy: { priorityStrategy: { weightPriority: [{ weight: 1 }] } } },
    "spec.updateStrategy.priorityStrategy.weightPriority[0].matchSelector",
    "FieldValueRequired",
  ],
];

export const customResources: Chapter = {
  title: "custom resources",
  cases: [
    {
      promise: "the definition is established and its names are accepted",
      async run({ cluster }) {
        const definition = await cluster.get<Loose>(CUSTOM_RESOURCE_DEFINITIONS, {
          name: "sidecarsets.apps.kruise.io",
        });
        const conditions = Object.fromEntries(
          definition.status.conditions.map((c: Loose["status"]) => [c.type, c.status]),
        );
        expect(conditions).toMatchObject({ Established: "True", NamesAccepted: "True" });
        expect(definition.status.acceptedNames).toMatchObject({ plural: "sidecarsets", kind: "SidecarSet" });
        expect(definition.status.storedVersions).toHaveLength(1);
      },
    },
    {
      promise: "an object of it is stored with a generation of one",
      async run(context) {
        const set = await created(context, aSidecarSet(context.unique("set")));
        expect(set).toMatchObject({ apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet" });
        expect(set.metadata.generation).toBe(1);
        expect(set.metadata.uid).toBeDefined();
        expect(set.spec.containers).toMatchObject([{ name: "sidecar", image: "sidecar:1" }]);
      },
    },
    ...REFUSED.map(([what, spec, field, reason]) => ({
      promise: `${what} is refused, naming ${field}`,
      async run({ cluster, unique }: CaseContext) {
        const name = unique("set");
        const error = await refusal(cluster.create(SIDECAR_SETS, aSidecarSet(name, spec)));
        expect(error.kind).toBe("invalid");
        expect(error.message).toContain(`SidecarSet.apps.kruise.io "${name}" is invalid: `);
        const causes = error.status?.details?.causes ?? [];
        expect(causes.map((cause) => [cause.field, cause.reason])).toContainEqual([field, reason]);
      },
    })),
    {
      promise: "an update and a patch are held to the schema as well",
      async run(context) {
        const set = await created(context, aSidecarSet(context.unique("set")));
        const name = { name: set.metadata.name ?? "" };
        const broken = { ...set, spec: { ...set.spec, containers: "none" } };
        expect((await refusal(context.cluster.update(SIDECAR_SETS, broken))).kind).toBe("invalid");
        const patch = { type: "merge", patch: { spec: { updateStrategy: { paused: 1 } } } } as const;
        expect((await refusal(context.cluster.patch(SIDECAR_SETS, name, patch))).kind).toBe("invalid");
      },
    },
    {
      promise: "numbers and percentages are both good where either may stand",
      async run(context) {
        for (const partition of [3, "50%"]) {
          const updateStrategy = { partition, maxUnavailable: partition };
          const set = await created(context, aSidecarSet(context.unique("set"), { updateStrategy }));
          expect(set.spec.updateStrategy).toMatchObject(updateStrategy);
        }
      },
    },
    {
      promise: "fields nobody declared are dropped",
      async run(context) {
        const priorityStrategy = { weightPriority: [{ weight: 1, matchSelector: {}, nonsense: 1 }] };
        const spec = { nonsense: { deep: 1 }, updateStrategy: { priorityStrategy } };
        const set = await created(context, aSidecarSet(context.unique("set"), spec));
        expect(set.spec.nonsense).toBeUndefined();
        const { weightPriority } = set.spec.updateStrategy.priorityStrategy;
        expect(weightPriority).toEqual([{ weight: 1, matchSelector: {} }]);
      },
    },
    {
      promise: "whatever version it was written in, it is read in the version asked for",
      async run(context) {
        const { cluster } = context;
        const set = await created(context, aSidecarSet(context.unique("set")));
        const name = { name: set.metadata.name ?? "" };
        const older = await cluster.get<Loose>(OLDER_VERSION, name);
        expect(older.apiVersion).toBe("apps.kruise.io/v1alpha1");
        expect(older.spec.containers).toEqual(set.spec.containers);
        const labelled = { type: "merge", patch: { metadata: { labels: { by: "older" } } } } as const;
        expect((await cluster.patch(OLDER_VERSION, name, labelled)).apiVersion).toBe("apps.kruise.io/v1alpha1");
        const newer = await cluster.get(SIDECAR_SETS, name);
        expect([newer.apiVersion, newer.metadata.labels]).toEqual(["apps.kruise.io/v1beta1", { by: "older" }]);
        const list = await cluster.list<Loose>(OLDER_VERSION, { fieldSelector: `metadata.name=${name.name}` });
        expect(list.items.map((item) => item.apiVersion)).toEqual(["apps.kruise.io/v1alpha1"]);
      },
    },
    {
      promise: "changes of the spec raise the generation, others do not",
      async run(context) {
        const { cluster } = context;
        const { metadata } = await created(context, aSidecarSet(context.unique("set")));
        const name = { name: metadata.name ?? "" };
        const merge = (patch: JsonObject, subresource?: string) =>
          cluster.patch<Loose>(SIDECAR_SETS, name, { type: "merge", patch }, subresource ? { subresource } : {});
        expect((await merge({ metadata: { annotations: { a: "b" } } })).metadata.generation).toBe(1);
        expect(
          (await merge({ status: { matchedPods: 3, updatedPods: 0, readyPods: 0 } }, "status")).metadata.generation,
        ).toBe(1);
        expect((await merge({ spec: { updateStrategy: { paused: true } } })).metadata.generation).toBe(2);
      },
    },
    {
      promise: "spec and status are written through separate doors",
      async run(context) {
        const { cluster } = context;
        const status = { matchedPods: 1, updatedPods: 1, readyPods: 1, observedGeneration: 1 };
        const set = await created(context, { ...aSidecarSet(context.unique("set")), status });
        expect(set.status).toBeUndefined();
        const metadata = { ...set.metadata, labels: { by: "status" } };
        const both = { ...set, metadata, spec: { ...set.spec, namespace: "changed" }, status };
        const byStatus = await cluster.update<Loose>(SIDECAR_SETS, both, { subresource: "status" });
        expect(byStatus.status).toMatchObject(status);
        expect(byStatus.spec.namespace).toBeUndefined();
        expect(byStatus.metadata.labels).toBeUndefined();
        const bySpec = await cluster.update<Loose>(SIDECAR_SETS, {
          ...byStatus,
          spec: both.spec,
          status: { ...status, matchedPods: 9 },
        });
        expect([bySpec.spec.namespace, bySpec.status.matchedPods]).toEqual(["changed", 1]);
      },
    },
    {
      promise: "a status that lacks what its schema requires is refused",
      async run(context) {
        const { metadata } = await created(context, aSidecarSet(context.unique("set")));
        const patch = { type: "merge", patch: { status: { matchedPods: 3 } } } as const;
        const name = { name: metadata.name ?? "" };
        const error = await refusal(context.cluster.patch(SIDECAR_SETS, name, patch, { subresource: "status" }));
        expect(error.message).toBe(
          `SidecarSet.apps.kruise.io "${name.name}" is invalid: [status.readyPods: Required value, status.updatedPods: Required value]`,
        );
        expect(error.status?.details?.causes?.map((cause) => [cause.field, cause.reason])).toEqual([
          ["status.readyPods", "FieldValueRequired"],
          ["status.updatedPods", "FieldValueRequired"],
        ]);
      },
    },
    {
      promise: "a list that is a map by its schema takes each key once",
      async run(context) {
        const { metadata } = await created(context, aSidecarSet(context.unique("set")));
        const conditions = ["True", "False"].map((status) => ({ type: "Ready", status }));
        const status = { matchedPods: 0, updatedPods: 0, readyPods: 0, conditions };
        const name = { name: metadata.name ?? "" };
        const patch = { type: "merge", patch: { status } } as const;
        const error = await refusal(context.cluster.patch(SIDECAR_SETS, name, patch, { subresource: "status" }));
        expect(error.status?.details?.causes).toMatchObject([
          { field: "status.conditions[1]", reason: "FieldValueDuplicate" },
        ]);
      },
    },
    {
      promise: "an update needs the version it was read with",
      async run(context) {
        const name = context.unique("set");
        await created(context, aSidecarSet(name));
        const error = await refusal(context.cluster.update(SIDECAR_SETS, aSidecarSet(name)));
        expect(error.kind).toBe("invalid");
        expect(error.message).toContain("metadata.resourceVersion: Invalid value: 0: must be specified for an update");
      },
    },
    {
      promise: "it is watched like any other",
      async run(context) {
        const { cluster } = context;
        const name = context.unique("set");
        const { resourceVersion } = await cluster.list(SIDECAR_SETS);
        const options = { resourceVersion, fieldSelector: `metadata.name=${name}` };
        const events = await eventsOf(cluster, SIDECAR_SETS, options, {
          count: 2,
          async during() {
            await cluster.create(SIDECAR_SETS, aSidecarSet(name));
            await cluster.delete(SIDECAR_SETS, { name });
          },
        });
        expect(told(events)).toEqual([`ADDED ${name}`, `DELETED ${name}`]);
      },
    },
  ],
  httpCases: [
    {
      promise: "strict validation refuses fields nobody declared, a warning tells of them otherwise",
      async run(context) {
        const { http, cluster, unique, afterwards } = context;
        const path = "/apis/apps.kruise.io/v1beta1/sidecarsets";
        const name = unique("set");
        const body = aSidecarSet(name, { nonsense: 1 });
        const strict = await http.request("POST", `${path}?fieldValidation=Strict`, { body });
        expect([strict.code, strict.json.reason]).toEqual([400, "BadRequest"]);
        expect(strict.json.message).toContain('unknown field "spec.nonsense"');
        const warned = await http.request("POST", `${path}?fieldValidation=Warn`, { body });
        afterwards(() => cluster.delete(SIDECAR_SETS, { name }));
        expect(warned.code).toBe(201);
        expect(String(warned.headers.warning)).toContain('unknown field \\"spec.nonsense\\"');
      },
    },
    {
      promise: "a table shows the columns of the definition",
      async run(context) {
        const { http } = context;
        const name = context.unique("set");
        await created(context, aSidecarSet(name));
        const patch = { matchedPods: 4, updatedPods: 2, readyPods: 3 };
        await context.cluster.patch(
          SIDECAR_SETS,
          { name },
          { type: "merge", patch: { status: patch } },
          { subresource: "status" },
        );
        const { json } = await http.request("GET", `/apis/apps.kruise.io/v1beta1/sidecarsets/${name}`, {
          headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
        });
        const columns = json.columnDefinitions.filter((column: Loose["spec"]) => column.priority === 0);
        expect(columns.map((column: Loose["spec"]) => column.name)).toEqual([
          "Name",
          "MATCHED",
          "UPDATED",
          "READY",
          "AGE",
          "PHASE",
        ]);
        const [row] = json.rows;
        expect(row.cells.slice(0, 4)).toEqual([name, 4, 2, 3]);
        expect(row.cells[4]).toMatch(/^\d+s$/);
      },
    },
  ],
};

async function created(
  { cluster, afterwards }: Pick<CaseContext, "cluster" | "afterwards">,
  set: Loose,
): Promise<Loose> {
  const stored = await (cluster as Cluster).create<Loose>(SIDECAR_SETS, set);
  afterwards(() => cluster.delete(SIDECAR_SETS, { name: stored.metadata.name ?? "" }));
  return stored;
}
