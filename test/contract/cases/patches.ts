import { expect } from "vitest";
import type { Cluster, Patch } from "../../../src/cluster/cluster.ts";
import { DEPLOYMENTS, SIDECAR_SETS } from "../../../src/cluster/resource.ts";
import { aDeployment, CONFIG_MAPS, createConfigMap, type Loose, refusal } from "../fixtures.ts";
import { aSidecarSet } from "../sidecarSetsKind.ts";
import type { Chapter } from "../target.ts";

export const patches: Chapter = {
  title: "patches",
  cases: [
    {
      promise: "a JSON patch adds, replaces, removes, moves, copies and tests",
      async run({ cluster, namespace }) {
        await createConfigMap(cluster, namespace, "a", { labels: { "x/y": "1", old: "o" } });
        const patched = await patchA(cluster, namespace, {
          type: "json",
          operations: [
            { op: "test", path: "/metadata/labels/x~1y", value: "1" },
            { op: "replace", path: "/data/key", value: "new" },
            { op: "add", path: "/data/other", value: "added" },
            { op: "copy", from: "/data/other", path: "/data/copied" },
            { op: "move", from: "/metadata/labels/old", path: "/metadata/labels/moved" },
            { op: "remove", path: "/metadata/labels/x~1y" },
          ],
        });
        expect(patched.data).toEqual({ key: "new", other: "added", copied: "added" });
        expect(patched.metadata.labels).toEqual({ moved: "o" });
      },
    },
    {
      promise: "a JSON patch whose test fails is a conflict and changes nothing",
      async run({ cluster, namespace }) {
        const created = await createConfigMap(cluster, namespace, "a");
        const error = await refusal(
          patchA(cluster, namespace, {
            type: "json",
            operations: [
              { op: "replace", path: "/data/key", value: "new" },
              { op: "test", path: "/metadata/resourceVersion", value: "1" },
            ],
          }),
        );
        expect(error.kind).toBe("conflict");
        expect(await cluster.get(CONFIG_MAPS, { namespace, name: "a" })).toEqual(created);
      },
    },
    {
      promise: "a JSON patch of a path that is not there is a conflict as well",
      async run({ cluster, namespace }) {
        await createConfigMap(cluster, namespace, "a");
        for (const operation of [
          { op: "remove", path: "/data/nope" },
          { op: "add", path: "/nope/deeper", value: "x" },
        ] as const) {
          const error = await refusal(patchA(cluster, namespace, { type: "json", operations: [operation] }));
          expect([operation.path, error.kind]).toEqual([operation.path, "conflict"]);
        }
      },
    },
    {
      promise: "a JSON patch that replaces what is not there adds it",
      async run({ cluster, namespace }) {
        await createConfigMap(cluster, namespace, "a");
        const operations = [{ op: "replace", path: "/data/nope", value: "x" }] as const;
        const patched = await patchA(cluster, namespace, { type: "json", operations });
        expect(patched.data).toEqual({ key: "value", nope: "x" });
      },
    },
    {
      promise: "a JSON patch finds null where a key is not there",
      async run({ cluster, namespace }) {
        await createConfigMap(cluster, namespace, "a");
        const absent = { op: "test", path: "/data/nope", value: null } as const;
        const add = { op: "add", path: "/data/nope", value: "x" } as const;
        const patched = await patchA(cluster, namespace, { type: "json", operations: [absent, add] });
        expect(patched.data).toEqual({ key: "value", nope: "x" });
        const again = await refusal(patchA(cluster, namespace, { type: "json", operations: [absent, add] }));
        expect(again.kind).toBe("conflict");
      },
    },
    {
      promise: "a JSON patch that tests the version it read succeeds",
      async run({ cluster, namespace }) {
        const { metadata } = await createConfigMap(cluster, namespace, "a");
        const patched = await patchA(cluster, namespace, {
          type: "json",
          operations: [
            { op: "test", path: "/metadata/resourceVersion", value: metadata.resourceVersion ?? "" },
            { op: "replace", path: "/data/key", value: "new" },
          ],
        });
        expect(patched.data).toEqual({ key: "new" });
      },
    },
    {
      promise: "a merge patch merges objects, removes what is null, replaces lists whole",
      async run({ cluster, namespace }) {
        const finalizers = ["contract.test/one", "contract.test/two"];
        await createConfigMap(cluster, namespace, "a", { labels: { keep: "1", drop: "2" }, finalizers });
        const patched = await patchA(cluster, namespace, {
          type: "merge",
          patch: { metadata: { labels: { drop: null, add: "3" }, finalizers: [] }, data: { more: "data" } },
        });
        expect(patched.metadata.labels).toEqual({ keep: "1", add: "3" });
        expect(patched.metadata.finalizers).toBeUndefined();
        expect(patched.data).toEqual({ key: "value", more: "data" });
      },
    },
    {
      promise: "a merge patch that names a stale version is a conflict",
      async run({ cluster, namespace }) {
        const { metadata } = await createConfigMap(cluster, namespace, "a");
        const patch = { metadata: { resourceVersion: metadata.resourceVersion }, data: { key: "new" } };
        await patchA(cluster, namespace, { type: "merge", patch });
        expect((await refusal(patchA(cluster, namespace, { type: "merge", patch }))).kind).toBe("conflict");
      },
    },
    {
      promise: "a strategic patch finds containers by their name and variables by theirs",
      async run({ cluster, namespace }) {
        const env = [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ];
        await createDeployment(cluster, namespace, [
          { name: "app", image: "app:1", env },
          { name: "log", image: "log:1" },
        ]);
        const patched = await strategic(cluster, namespace, [
          { name: "log", image: "log:2" },
          {
            name: "app",
            env: [
              { name: "B", value: "two" },
              { name: "C", value: "3" },
            ],
          },
        ]);
        const { app, log } = byName(patched.spec.template.spec.containers);
        expect([app.image, log.image, log.terminationMessagePolicy]).toEqual(["app:1", "log:2", "File"]);
        const { A, B, C } = byName(app.env);
        expect([A.value, B.value, C.value]).toEqual(["1", "two", "3"]);
      },
    },
    {
      promise: "a strategic patch adds a container of a new name and deletes one when told to",
      async run({ cluster, namespace }) {
        await createDeployment(cluster, namespace, [
          { name: "app", image: "app:1" },
          { name: "log", image: "log:1" },
        ]);
        const patched = await strategic(cluster, namespace, [
          { name: "new", image: "new:1" },
          { name: "log", $patch: "delete" },
        ]);
        expect(patched.spec.template.spec.containers.map((c: Loose["spec"]) => c.name).sort()).toEqual(["app", "new"]);
      },
    },
    {
      promise: "a strategic patch removes what is null",
      async run({ cluster, namespace }) {
        const args = ["--verbose"];
        await createDeployment(cluster, namespace, [{ name: "app", image: "app:1", args, command: ["run"] }]);
        await cluster.patch(
          DEPLOYMENTS,
          { namespace, name: "a" },
          { type: "merge", patch: { metadata: { labels: { a: "1", b: "2" } } } },
        );
        const patched = await cluster.patch<Loose>(
          DEPLOYMENTS,
          { namespace, name: "a" },
          {
            type: "strategic",
            patch: {
              metadata: { labels: { a: null } },
              spec: { template: { spec: { containers: [{ name: "app", args: null }] } } },
            },
          },
        );
        expect(patched.metadata.labels).toEqual({ b: "2" });
        expect(patched.spec.template.spec.containers[0]).toMatchObject({
          name: "app",
          image: "app:1",
          command: ["run"],
        });
        expect(patched.spec.template.spec.containers[0].args).toBeUndefined();
      },
    },
    {
      promise: "custom resources take no strategic patch",
      async run({ cluster, unique, afterwards }) {
        const set = await cluster.create(SIDECAR_SETS, aSidecarSet(unique("set")));
        const name = { name: set.metadata.name ?? "" };
        afterwards(() => cluster.delete(SIDECAR_SETS, name));
        const patch = { type: "strategic", patch: { metadata: { labels: { a: "b" } } } } as const;
        expect((await refusal(cluster.patch(SIDECAR_SETS, name, patch))).kind).toBe("unsupportedMediaType");
        expect((await cluster.patch(SIDECAR_SETS, name, { ...patch, type: "merge" })).metadata.labels).toEqual({
          a: "b",
        });
      },
    },
    {
      promise: "what the server keeps cannot be patched away",
      async run({ cluster, namespace }) {
        const created = await createConfigMap(cluster, namespace, "a");
        const patched = await patchA(cluster, namespace, {
          type: "merge",
          patch: { metadata: { creationTimestamp: "2001-01-01T00:00:00Z", generation: 7 } },
        });
        expect(patched.metadata.creationTimestamp).toBe(created.metadata.creationTimestamp);
        expect(patched.metadata.uid).toBe(created.metadata.uid);
        const uid = { type: "merge", patch: { metadata: { uid: "11111111-2222-3333-4444-555555555555" } } } as const;
        expect((await refusal(patchA(cluster, namespace, uid))).kind).toBe("invalid");
      },
    },
  ],
  httpCases: [
    {
      promise: "a patch of an unknown type is an unsupported media type",
      async run({ http, cluster, namespace }) {
        await createConfigMap(cluster, namespace, "a");
        const answer = await http.request("PATCH", `/api/v1/namespaces/${namespace}/configmaps/a`, {
          headers: { "content-type": "application/x-patch" },
          body: "{}",
        });
        expect([answer.code, answer.json.reason]).toEqual([415, "UnsupportedMediaType"]);
      },
    },
    {
      promise: "a JSON patch that is no list is a bad request",
      async run({ http, cluster, namespace }) {
        await createConfigMap(cluster, namespace, "a");
        const answer = await http.request("PATCH", `/api/v1/namespaces/${namespace}/configmaps/a`, {
          headers: { "content-type": "application/json-patch+json" },
          body: { op: "remove", path: "/data" },
        });
        expect([answer.code, answer.json.reason]).toEqual([400, "BadRequest"]);
      },
    },
    {
      promise: "a patch that does not apply answers 422 without a cause",
      async run({ http, cluster, namespace }) {
        await createConfigMap(cluster, namespace, "a");
        const answer = await http.request("PATCH", `/api/v1/namespaces/${namespace}/configmaps/a`, {
          headers: { "content-type": "application/json-patch+json" },
          body: [{ op: "test", path: "/data/key", value: "other" }],
        });
        expect([answer.code, answer.json.reason, answer.json.message]).toEqual([
          422,
          "Invalid",
          "the server rejected our request due to an error in our request",
        ]);
        expect(answer.json.details).toEqual({});
      },
    },
  ],
};

function patchA(cluster: Cluster, namespace: string, patch: Patch): Promise<Loose> {
  return cluster.patch<Loose>(CONFIG_MAPS, { namespace, name: "a" }, patch);
}

/** Of no replicas, so that nobody makes pods of it. */
function createDeployment(cluster: Cluster, namespace: string, containers: Loose["spec"][]): Promise<Loose> {
  return cluster.create(DEPLOYMENTS, aDeployment(namespace, "a", { replicas: 0, containers }));
}

function strategic(cluster: Cluster, namespace: string, containers: Loose["spec"][]): Promise<Loose> {
  const patch = { spec: { template: { spec: { containers } } } };
  return cluster.patch<Loose>(DEPLOYMENTS, { namespace, name: "a" }, { type: "strategic", patch });
}

function byName(items: Loose["spec"][]): Loose["spec"] {
  return Object.fromEntries(items.map((item) => [item.name, item]));
}
