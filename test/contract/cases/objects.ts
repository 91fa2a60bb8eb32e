import { expect } from "vitest";
import { DEPLOYMENTS, NAMESPACES, PODS } from "../../../src/cluster/resource.ts";
import type { OwnerReference } from "../../../src/core/kube/object.ts";
import { aConfigMap, aPod, CONFIG_MAPS, createConfigMap, createPod, type Loose, refusal } from "../fixtures.ts";
import type { Chapter } from "../target.ts";

export const objects: Chapter = {
  title: "objects",
  cases: [
    {
      promise: "a created object gets a uid, a version and a time",
      async run({ cluster, namespace }) {
        const created = await createConfigMap(cluster, namespace, "a");
        expect(created).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", data: { key: "value" } });
        expect(created.metadata).toMatchObject({ name: "a", namespace });
        expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
        expect(created.metadata.resourceVersion).toMatch(/^[1-9]\d*$/);
        expect(created.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        expect(created.metadata.generation).toBeUndefined();
        expect(await cluster.get(CONFIG_MAPS, { namespace, name: "a" })).toEqual(created);
      },
    },
    {
      promise: "generateName is completed by five characters",
      async run({ cluster, namespace }) {
        const object: Loose = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, generateName: "web-" } };
        const names = await Promise.all([1, 2, 3].map(() => cluster.create(CONFIG_MAPS, object)));
        for (const { metadata } of names) expect(metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
        expect(new Set(names.map(({ metadata }) => metadata.name)).size).toBe(3);
      },
    },
    {
      promise: "a name can be taken only once",
      async run({ cluster, namespace }) {
        await createConfigMap(cluster, namespace, "a");
        const error = await refusal(createConfigMap(cluster, namespace, "a"));
        expect(error.kind).toBe("alreadyExists");
        expect(error.message).toBe('configmaps "a" already exists');
        expect(error.status).toMatchObject({
          reason: "AlreadyExists",
          code: 409,
          details: { name: "a", kind: "configmaps" },
        });
      },
    },
    {
      promise: "what is not there is said to be not found, by name and kind",
      async run({ cluster, namespace }) {
        const error = await refusal(cluster.get(DEPLOYMENTS, { namespace, name: "nope" }));
        expect(error.kind).toBe("notFound");
        expect(error.message).toBe('deployments.apps "nope" not found');
        expect(error.status).toMatchObject({
          kind: "Status",
          apiVersion: "v1",
          status: "Failure",
          reason: "NotFound",
          code: 404,
          details: { name: "nope", group: "apps", kind: "deployments" },
        });
      },
    },
    {
      promise: "writing to, patching and deleting what is not there is refused as not found",
      async run({ cluster, namespace }) {
        const name = { namespace, name: "nope" };
        expect((await refusal(cluster.update(CONFIG_MAPS, aConfigMap("nope", {}, { namespace })))).kind).toBe(
          "notFound",
        );
        const patch = { type: "merge", patch: { data: { a: "b" } } } as const;
        expect((await refusal(cluster.patch(CONFIG_MAPS, name, patch))).kind).toBe("notFound");
        expect((await refusal(cluster.delete(CONFIG_MAPS, name))).kind).toBe("notFound");
      },
    },
    {
      promise: "nothing is created in a namespace that is not there",
      async run({ cluster, unique }) {
        const namespace = unique("nowhere");
        const error = await refusal(createConfigMap(cluster, namespace, "a"));
        expect([error.kind, error.message]).toEqual(["notFound", `namespaces "${namespace}" not found`]);
      },
    },
    {
      promise: "a name must be a DNS name, and the refusal says which field",
      async run({ cluster, namespace }) {
        const error = await refusal(createConfigMap(cluster, namespace, "Not_A_Name"));
        expect(error.kind).toBe("invalid");
        expect(error.message).toMatch(
          /^ConfigMap "Not_A_Name" is invalid: metadata.name: Invalid value: "Not_A_Name": /,
        );
        expect(error.status?.details?.causes).toMatchObject([{ reason: "FieldValueInvalid", field: "metadata.name" }]);
      },
    },
    {
      promise: "an object needs a name",
      async run({ cluster, namespace }) {
        const nameless: Loose = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace } };
        const error = await refusal(cluster.create(CONFIG_MAPS, nameless));
        expect(error.kind).toBe("invalid");
        expect(error.message).toContain("name or generateName is required");
      },
    },
    {
      promise: "labels are checked, of new objects and of changed ones",
      async run({ cluster, namespace }) {
        const labels = { app: "no spaces allowed" };
        const created = await refusal(createConfigMap(cluster, namespace, "a", { labels }));
        await createConfigMap(cluster, namespace, "a");
        const patch = { type: "merge", patch: { metadata: { labels } } } as const;
        const changed = await refusal(cluster.patch(CONFIG_MAPS, { namespace, name: "a" }, patch));
        for (const error of [created, changed]) {
          expect(error.kind).toBe("invalid");
          expect(error.status?.details?.causes?.[0]).toMatchObject({
            reason: "FieldValueInvalid",
            field: "metadata.labels",
          });
        }
      },
    },
    {
      promise: "an owner is named whole, and only one controls",
      async run({ cluster, namespace }) {
        const whole = { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: "1" };
        const refused = (...ownerReferences: OwnerReference[]) =>
          refusal(createConfigMap(cluster, namespace, "a", { ownerReferences }));
        expect((await refused(whole, { apiVersion: "", kind: "", name: "", uid: "" })).message).toBe(
          'ConfigMap "a" is invalid: [metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty, metadata.ownerReferences.kind: Invalid value: "": must not be empty, metadata.ownerReferences.name: Invalid value: "": must not be empty, metadata.ownerReferences.uid: Invalid value: "": must not be empty]',
        );
        const [first, second] = ["1", "2"].map((uid) => ({ ...whole, name: `owner-${uid}`, uid, controller: true }));
        const error = await refused(first!, second!);
        expect(error.status?.details?.causes?.map(({ field }) => field)).toEqual(["metadata.ownerReferences"]);
        expect(error.message).toContain(
          'Only one reference can have Controller set to true. Found "true" in references for ConfigMap/owner-1 and ConfigMap/owner-2',
        );
      },
    },
    {
      promise: "a new object may not bring a version",
      async run({ cluster, namespace }) {
        const error = await refusal(createConfigMap(cluster, namespace, "a", { resourceVersion: "1" }));
        expect(error.message).toContain("resourceVersion should not be set on objects to be created");
      },
    },
    {
      promise: "an update replaces the object and moves its version on",
      async run({ cluster, namespace }) {
        const created = await createConfigMap(cluster, namespace, "a", { labels: { old: "label" } });
        const updated = await cluster.update<Loose>(CONFIG_MAPS, aConfigMap("a", { other: "data" }, { namespace }));
        expect(updated.data).toEqual({ other: "data" });
        expect(updated.metadata.labels).toBeUndefined();
        expect(updated.metadata.uid).toBe(created.metadata.uid);
        expect(updated.metadata.creationTimestamp).toBe(created.metadata.creationTimestamp);
        expect(Number(updated.metadata.resourceVersion)).toBeGreaterThan(Number(created.metadata.resourceVersion));
      },
    },
    {
      promise: "an update of a stale version is a conflict",
      async run({ cluster, namespace }) {
        const created = await createConfigMap(cluster, namespace, "a");
        await cluster.update<Loose>(CONFIG_MAPS, { ...created, data: { first: "wins" } });
        const error = await refusal(cluster.update<Loose>(CONFIG_MAPS, { ...created, data: { second: "loses" } }));
        expect(error.kind).toBe("conflict");
        expect(error.message).toBe(
          'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
        );
        expect(error.status).toMatchObject({
          reason: "Conflict",
          code: 409,
          details: { name: "a", kind: "configmaps" },
        });
      },
    },
    {
      promise: "an update of another object under the same name is a conflict",
      async run({ cluster, namespace }) {
        await createConfigMap(cluster, namespace, "a");
        const stranger = aConfigMap("a", {}, { namespace, uid: "11111111-2222-3333-4444-555555555555" });
        expect((await refusal(cluster.update(CONFIG_MAPS, stranger))).kind).toBe("conflict");
      },
    },
    {
      promise: "an update that changes nothing keeps the version",
      async run({ cluster, namespace }) {
        const created = await createConfigMap(cluster, namespace, "a");
        const updated = await cluster.update(CONFIG_MAPS, created);
        expect(updated.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
        const name = { namespace, name: "a" };
        const patched = await cluster.patch(CONFIG_MAPS, name, { type: "merge", patch: { data: { key: "value" } } });
        expect(patched.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
      },
    },
    {
      promise: "versions rise over all kinds together",
      async run({ cluster, namespace }) {
        const versions: number[] = [];
        for (const name of ["a", "b"]) {
          versions.push(Number((await createConfigMap(cluster, namespace, name)).metadata.resourceVersion));
          versions.push(Number((await createPod(cluster, aPod(namespace, name))).metadata.resourceVersion));
        }
        expect(versions).toEqual([...versions].sort((a, b) => a - b));
        expect(new Set(versions).size).toBe(4);
      },
    },
    {
      promise: "a dry run answers as if, and stores nothing",
      async run({ cluster, namespace }) {
        const dryRun = true;
        const would = await cluster.create<Loose>(CONFIG_MAPS, aConfigMap("a", {}, { namespace }), { dryRun });
        expect(would.metadata.uid).toBeDefined();
        const name = { namespace, name: "a" };
        expect((await refusal(cluster.get(CONFIG_MAPS, name))).kind).toBe("notFound");
        const stored = await createConfigMap(cluster, namespace, "a");
        const patch = { type: "merge", patch: { data: { key: "changed" } } } as const;
        expect((await cluster.patch<Loose>(CONFIG_MAPS, name, patch, { dryRun })).data).toEqual({ key: "changed" });
        await cluster.update<Loose>(CONFIG_MAPS, { ...stored, data: { key: "changed" } }, { dryRun });
        await cluster.delete(CONFIG_MAPS, name, { dryRun });
        expect(await cluster.get(CONFIG_MAPS, name)).toEqual(stored);
        expect((await refusal(createPod(cluster, aPod(namespace, "p", { spec: { containers: [] } })))).kind).toBe(
          "invalid",
        );
      },
    },
    {
      promise: "a namespace is active and holds its own name as a label",
      async run({ cluster, namespace }) {
        const object = await cluster.get<Loose>(NAMESPACES, { name: namespace });
        expect(object.status).toEqual({ phase: "Active" });
        expect(object.spec).toEqual({ finalizers: ["kubernetes"] });
        expect(object.metadata.labels).toMatchObject({ "kubernetes.io/metadata.name": namespace });
      },
    },
    {
      promise: "a pod cannot be changed into another kind's place by its name",
      async run({ cluster, namespace }) {
        await createPod(cluster, aPod(namespace, "a"));
        const patch = { type: "merge", patch: { metadata: { name: "b" } } } as const;
        const error = await refusal(cluster.patch(PODS, { namespace, name: "a" }, patch));
        expect(error.kind).toBe("badRequest");
        expect(error.message).toBe("the name of the object (b) does not match the name on the URL (a)");
      },
    },
  ],
  httpCases: [
    {
      promise: "creating answers 201, other writes 200",
      async run({ http, namespace }) {
        const path = `/api/v1/namespaces/${namespace}/configmaps`;
        expect((await http.request("POST", path, { body: aConfigMap("a") })).code).toBe(201);
        expect((await http.request("PUT", `${path}/a`, { body: aConfigMap("a", { b: "c" }) })).code).toBe(200);
        const deleted = await http.request("DELETE", `${path}/a`);
        expect([deleted.code, deleted.json.kind, deleted.json.status]).toEqual([200, "Status", "Success"]);
        expect(deleted.json.details).toMatchObject({ name: "a", kind: "configmaps" });
      },
    },
    {
      promise: "the namespace of the body must be that of the URL",
      async run({ http, namespace }) {
        const body = aConfigMap("a", {}, { namespace: "other" });
        const answer = await http.request("POST", `/api/v1/namespaces/${namespace}/configmaps`, { body });
        expect([answer.code, answer.json.reason, answer.json.message]).toEqual([
          400,
          "BadRequest",
          "the namespace of the provided object does not match the namespace sent on the request",
        ]);
      },
    },
    {
      promise: "a body that is no JSON, or of another kind, is a bad request",
      async run({ http, namespace }) {
        const path = `/api/v1/namespaces/${namespace}/configmaps`;
        const broken = await http.request("POST", path, { body: "{" });
        expect([broken.code, broken.json.reason]).toEqual([400, "BadRequest"]);
        const pod = await http.request("POST", path, { body: aPod(namespace, "a") });
        expect([pod.code, pod.json.reason]).toEqual([400, "BadRequest"]);
      },
    },
    {
      promise: "lists name their kind, and their items do not",
      async run({ http, cluster, namespace }) {
        await createConfigMap(cluster, namespace, "a");
        const { json } = await http.request("GET", `/api/v1/namespaces/${namespace}/configmaps?labelSelector=!x`);
        expect([json.kind, json.apiVersion]).toEqual(["ConfigMapList", "v1"]);
        expect(json.items.every((item: Loose) => item.kind === undefined && item.apiVersion === undefined)).toBe(true);
      },
    },
  ],
};
