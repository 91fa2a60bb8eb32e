import { expect } from "vitest";
import type { Cluster } from "../../../src/cluster/cluster.ts";
import { NAMESPACES, PODS } from "../../../src/cluster/resource.ts";
import type { OwnerReference } from "../../../src/core/kube/object.ts";
import {
  aPodOnNode,
  CONFIG_MAPS,
  createConfigMap,
  createPod,
  eventsOf,
  type Loose,
  objectBecomes,
  objectVanishes,
  refusal,
  SECRETS,
} from "../fixtures.ts";
import type { Chapter } from "../target.ts";

const FINALIZER = "contract.test/hold";

export const deletion: Chapter = {
  title: "deletion",
  cases: [
    {
      promise: "a finalizer holds an object that is being deleted, until it is taken away",
      async run({ cluster, namespace }) {
        const name = { namespace, name: "a" };
        await createConfigMap(cluster, namespace, "a", { finalizers: [FINALIZER] });
        await cluster.delete(CONFIG_MAPS, name);
        const held = await cluster.get(CONFIG_MAPS, name);
        expect(held.metadata.deletionTimestamp).toBeDefined();
        expect(held.metadata.deletionGracePeriodSeconds).toBe(0);
        const labelled = { type: "merge", patch: { metadata: { labels: { still: "writable" } } } } as const;
        await cluster.patch(CONFIG_MAPS, name, labelled);
        const released = { type: "merge", patch: { metadata: { finalizers: null } } } as const;
        await cluster.patch(CONFIG_MAPS, name, released);
        expect((await refusal(cluster.get(CONFIG_MAPS, name))).kind).toBe("notFound");
      },
    },
    {
      promise: "an object that is being deleted takes no new finalizer",
      async run({ cluster, namespace, afterwards }) {
        const name = { namespace, name: "a" };
        await createConfigMap(cluster, namespace, "a", { finalizers: [FINALIZER] });
        afterwards(() =>
          cluster.patch(CONFIG_MAPS, name, { type: "merge", patch: { metadata: { finalizers: null } } }),
        );
        await cluster.delete(CONFIG_MAPS, name);
        const patch = { metadata: { finalizers: [FINALIZER, "contract.test/late"] } };
        const error = await refusal(cluster.patch(CONFIG_MAPS, name, { type: "merge", patch }));
        expect(error.kind).toBe("invalid");
        expect(error.status?.details?.causes?.[0]).toMatchObject({
          reason: "FieldValueForbidden",
          field: "metadata.finalizers",
        });
      },
    },
    {
      promise: "preconditions protect what is not meant",
      async run({ cluster, namespace }) {
        const name = { namespace, name: "a" };
        const { metadata } = await createConfigMap(cluster, namespace, "a");
        const uid = "11111111-2222-3333-4444-555555555555";
        expect((await refusal(cluster.delete(CONFIG_MAPS, name, { preconditions: { uid } }))).kind).toBe("conflict");
        const stale = cluster.delete(CONFIG_MAPS, name, { preconditions: { resourceVersion: "1" } });
        expect((await refusal(stale)).kind).toBe("conflict");
        const { uid: right, resourceVersion } = metadata;
        await cluster.delete(CONFIG_MAPS, name, { preconditions: { uid: right, resourceVersion } });
        expect((await refusal(cluster.get(CONFIG_MAPS, name))).kind).toBe("notFound");
      },
    },
    {
      promise: "what an object owns is deleted after it",
      async run({ cluster, namespace }) {
        const owner = await createConfigMap(cluster, namespace, "owner");
        await createOwned(cluster, namespace, owner);
        await cluster.delete(CONFIG_MAPS, { namespace, name: "owner" }, { propagationPolicy: "Background" });
        await objectVanishes(cluster, CONFIG_MAPS, { namespace, name: "owner" });
        await objectVanishes(cluster, SECRETS, { namespace, name: "owned" });
      },
    },
    {
      promise: "of two owners one is enough",
      async run({ cluster, namespace }) {
        const owner = await createConfigMap(cluster, namespace, "owner");
        const other = await createConfigMap(cluster, namespace, "other");
        await createOwned(cluster, namespace, owner, other);
        await cluster.delete(CONFIG_MAPS, { namespace, name: "owner" });
        const owned = await objectBecomes(
          cluster,
          SECRETS,
          { namespace, name: "owned" },
          (object) => object === undefined || object.metadata.ownerReferences?.length === 1,
        );
        expect(owned?.metadata.ownerReferences).toMatchObject([{ name: "other" }]);
        await cluster.delete(CONFIG_MAPS, { namespace, name: "other" });
        await objectVanishes(cluster, SECRETS, { namespace, name: "owned" });
      },
    },
    {
      promise: "orphaned, it stays without its owner",
      async run({ cluster, namespace }) {
        const owner = await createConfigMap(cluster, namespace, "owner");
        await createOwned(cluster, namespace, owner);
        await cluster.delete(CONFIG_MAPS, { namespace, name: "owner" }, { propagationPolicy: "Orphan" });
        await objectVanishes(cluster, CONFIG_MAPS, { namespace, name: "owner" });
        const owned = await cluster.get(SECRETS, { namespace, name: "owned" });
        expect(owned.metadata.ownerReferences).toBeUndefined();
      },
    },
    {
      promise: "in the foreground, the owner goes last",
      async run({ cluster, namespace }) {
        const owner = await createConfigMap(cluster, namespace, "owner");
        const owned = await createOwned(cluster, namespace, owner, undefined, [FINALIZER]);
        await cluster.delete(CONFIG_MAPS, { namespace, name: "owner" }, { propagationPolicy: "Foreground" });
        const waiting = await cluster.get(CONFIG_MAPS, { namespace, name: "owner" });
        expect(waiting.metadata.finalizers).toEqual(["foregroundDeletion"]);
        expect(waiting.metadata.deletionTimestamp).toBeDefined();
        const name = { namespace, name: "owned" };
        await objectBecomes(cluster, SECRETS, name, (object) => object?.metadata.deletionTimestamp !== undefined);
        await collectorHasMovedOn(cluster, namespace);
        expect((await cluster.get(CONFIG_MAPS, { namespace, name: "owner" })).metadata).toEqual(waiting.metadata);
        const patch = { metadata: { finalizers: null } };
        await cluster.patch(SECRETS, { namespace, name: owned.metadata.name ?? "" }, { type: "merge", patch });
        await objectVanishes(cluster, CONFIG_MAPS, { namespace, name: "owner" });
      },
    },
    {
      promise: "an object whose owner never was is deleted",
      async run({ cluster, namespace }) {
        const ghost = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "ghost", uid: "no-such-uid" } };
        await createOwned(cluster, namespace, ghost);
        await objectVanishes(cluster, SECRETS, { namespace, name: "owned" });
      },
    },
    {
      promise: "a namespace takes everything in it along, and takes in nothing meanwhile",
      async run({ cluster, unique }) {
        const namespace = unique("doomed");
        await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
        await createConfigMap(cluster, namespace, "a", { finalizers: [FINALIZER] });
        await createConfigMap(cluster, namespace, "b");
        await cluster.delete(NAMESPACES, { name: namespace });
        await objectVanishes(cluster, CONFIG_MAPS, { namespace, name: "b" });
        const dying = await cluster.get<Loose>(NAMESPACES, { name: namespace });
        expect(dying.status.phase).toBe("Terminating");
        const late = await refusal(createConfigMap(cluster, namespace, "late"));
        expect(late.kind).toBe("forbidden");
        expect(late.message).toContain(
          `unable to create new content in namespace ${namespace} because it is being terminated`,
        );
        const patch = { metadata: { finalizers: null } };
        await cluster.patch(CONFIG_MAPS, { namespace, name: "a" }, { type: "merge", patch });
        await objectVanishes(cluster, NAMESPACES, { name: namespace });
      },
    },
  ],
  httpCases: [
    {
      promise: "a collection is deleted by its selector",
      async run({ http, cluster, namespace }) {
        for (const name of ["a", "b"]) await createConfigMap(cluster, namespace, name, { labels: { doomed: "yes" } });
        const kept = await createConfigMap(cluster, namespace, "c");
        const path = `/api/v1/namespaces/${namespace}/configmaps`;
        const answer = await http.request("DELETE", `${path}?labelSelector=doomed%3Dyes`);
        expect(answer.code).toBe(200);
        const names = ["a", "b", "c"];
        const list = await cluster.list<Loose>(CONFIG_MAPS, { namespace });
        expect(list.items.map(({ metadata }) => metadata.name).filter((name) => names.includes(name ?? ""))).toEqual([
          "c",
        ]);
        expect(await cluster.get(CONFIG_MAPS, { namespace, name: "c" })).toEqual(kept);
      },
    },
    {
      promise: "deleting a pod answers with the pod as marked",
      async run({ http, cluster, namespace }) {
        await createPod(cluster, aPodOnNode(namespace, "a"));
        const answer = await http.request("DELETE", `/api/v1/namespaces/${namespace}/pods/a?gracePeriodSeconds=5`);
        expect([answer.code, answer.json.kind]).toEqual([200, "Pod"]);
        expect(answer.json.metadata.deletionGracePeriodSeconds).toBe(5);
        const events = eventsOf(cluster, PODS, { namespace }, { count: 1 });
        expect((await events)[0]?.object.metadata.deletionGracePeriodSeconds).toBe(5);
      },
    },
  ],
};

/** By the time it has collected this one, the garbage collector has done what it was about to do before. */
async function collectorHasMovedOn(cluster: Cluster, namespace: string): Promise<void> {
  const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "ghost", uid: "no-such-uid" }];
  await createConfigMap(cluster, namespace, "collected", { ownerReferences });
  await objectVanishes(cluster, CONFIG_MAPS, { namespace, name: "collected" });
}

/** A Secret that belongs to one or two config maps. */
function createOwned(
  cluster: Cluster,
  namespace: string,
  owner: Loose,
  second?: Loose,
  finalizers: readonly string[] = [],
): Promise<Loose> {
  const ownerReferences = [owner, ...(second ? [second] : [])].map((object): OwnerReference => {
    const { name = "", uid = "" } = object.metadata;
    return { apiVersion: "v1", kind: "ConfigMap", name, uid, blockOwnerDeletion: true };
  });
  const metadata = { namespace, name: "owned", ownerReferences, finalizers };
  return cluster.create<Loose>(SECRETS, { apiVersion: "v1", kind: "Secret", metadata });
}
