import { expect } from "vitest";
import type { Cluster } from "../../../src/cluster/cluster.ts";
import {
  CONTROLLER_REVISIONS,
  DEPLOYMENTS,
  NODES,
  REPLICA_SETS,
  type ResourceType,
} from "../../../src/cluster/resource.ts";
import type { JsonObject } from "../../../src/core/kube/object.ts";
import { aDeployment, eventually, type Loose, refusal, SECRETS } from "../fixtures.ts";
import type { Chapter } from "../target.ts";

const LEASES: ResourceType = {
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  namespaced: true,
};
const EVENTS: ResourceType = { group: "", version: "v1", kind: "Event", plural: "events", namespaced: true };

export const otherKinds: Chapter = {
  title: "other kinds",
  cases: [
    {
      promise: "a Deployment is completed with its strategy and limits",
      async run({ cluster, namespace }) {
        const { spec, metadata } = await createDeployment(cluster, namespace);
        expect(metadata.generation).toBe(1);
        expect(spec).toMatchObject({
          replicas: 0,
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
          revisionHistoryLimit: 10,
          progressDeadlineSeconds: 600,
          template: { spec: { restartPolicy: "Always", containers: [{ imagePullPolicy: "IfNotPresent" }] } },
        });
        const { replicas: _left, ...rest } = aDeployment(namespace, "b", { replicas: 0 }).spec;
        const paused = { ...aDeployment(namespace, "b", { replicas: 0 }), spec: { ...rest, paused: true } };
        expect((await cluster.create<Loose>(DEPLOYMENTS, paused, { dryRun: true })).spec.replicas).toBe(1);
      },
    },
    {
      promise: "the selector of a Deployment must match its template and never changes",
      async run({ cluster, namespace }) {
        const wrong = aDeployment(namespace, "a", { replicas: 0 });
        const selector = { matchLabels: { app: "other" } };
        const mismatch = await refusal(
          cluster.create<Loose>(DEPLOYMENTS, { ...wrong, spec: { ...wrong.spec, selector } }),
        );
        expect(mismatch.status?.details?.causes).toMatchObject([
          { reason: "FieldValueInvalid", field: "spec.template.metadata.labels" },
        ]);
        expect(mismatch.message).toContain("`selector` does not match template `labels`");
        await createDeployment(cluster, namespace);
        const labels = { app: "other" };
        const patch = { spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } } };
        const error = await refusal(merge(cluster, DEPLOYMENTS, namespace, patch));
        expect(error.message).toContain("field is immutable");
        expect(error.status?.details?.causes?.[0]?.field).toBe("spec.selector");
      },
    },
    {
      promise: "a Deployment's status has its own door, and its scale as well",
      async run({ cluster, namespace }) {
        await createDeployment(cluster, namespace);
        const name = { namespace, name: "a" };
        const scale = await cluster.get<Loose>(DEPLOYMENTS, name, { subresource: "scale" });
        expect(scale).toMatchObject({
          apiVersion: "autoscaling/v1",
          kind: "Scale",
          metadata: { name: "a", namespace },
        });
        expect(scale.spec.replicas ?? 0).toBe(0);
        expect(scale.status.selector).toBe("app=a");
        await merge(cluster, DEPLOYMENTS, namespace, { spec: { paused: true } });
        // Its controller may write in between.
        const scaled = await eventually(async () => {
          const fresh = await cluster.get<Loose>(DEPLOYMENTS, name, { subresource: "scale" });
          return cluster.update<Loose>(DEPLOYMENTS, { ...fresh, spec: { replicas: 2 } }, { subresource: "scale" });
        });
        expect(scaled.spec.replicas).toBe(2);
        const back = { type: "merge", patch: { spec: { replicas: 0 } } } as const;
        await cluster.patch(DEPLOYMENTS, name, back, { subresource: "scale" });
        const deployment = await cluster.get<Loose>(DEPLOYMENTS, name);
        expect([deployment.spec.replicas, deployment.spec.paused]).toEqual([0, true]);
        expect(deployment.metadata.generation).toBe(4);
      },
    },
    {
      promise: "a Deployment's status is not written with its spec, nor its spec with its status",
      async run({ cluster, namespace }) {
        await createDeployment(cluster, namespace);
        const both = { spec: { minReadySeconds: 5 }, status: { replicas: 77 } };
        const byStatus = await merge(cluster, DEPLOYMENTS, namespace, both, "status");
        expect([byStatus.spec.minReadySeconds, byStatus.status.replicas, byStatus.metadata.generation]).toEqual([
          undefined,
          77,
          1,
        ]);
        const bySpec = await merge(cluster, DEPLOYMENTS, namespace, { ...both, status: { replicas: 99 } });
        expect([bySpec.spec.minReadySeconds, bySpec.metadata.generation]).toEqual([5, 2]);
        expect(bySpec.status.replicas).not.toBe(99);
      },
    },
    {
      promise: "a template is held to the rules of pods",
      async run({ cluster, namespace }) {
        const containers = [{ name: "app", image: "app:1", volumeMounts: [{ name: "nope", mountPath: "/x" }] }];
        const error = await refusal(
          cluster.create(DEPLOYMENTS, aDeployment(namespace, "a", { replicas: 0, containers })),
        );
        expect(error.status?.details?.causes).toMatchObject([
          { reason: "FieldValueNotFound", field: "spec.template.spec.containers[0].volumeMounts[0].name" },
        ]);
      },
    },
    {
      promise: "a ReplicaSet keeps what it selects",
      async run({ cluster, namespace }) {
        const { spec } = aDeployment(namespace, "a", { replicas: 0 });
        const metadata = { namespace, name: "a" };
        const set = await cluster.create<Loose>(REPLICA_SETS, {
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          metadata,
          spec,
        });
        expect([set.metadata.generation, set.spec.replicas]).toEqual([1, 0]);
        const changed = {
          spec: { selector: { matchLabels: { app: "b" } }, template: { metadata: { labels: { app: "b" } } } },
        };
        expect((await refusal(merge(cluster, REPLICA_SETS, namespace, changed))).message).toContain(
          "field is immutable",
        );
      },
    },
    {
      promise: "a ControllerRevision keeps its data; its number may change",
      async run({ cluster, namespace }) {
        const metadata = { namespace, name: "a", labels: { owner: "x" } };
        const data = { spec: { containers: [{ name: "b", image: "c" }] } };
        const object: Loose & { revision: number } = {
          apiVersion: "apps/v1",
          kind: "ControllerRevision",
          metadata,
          data,
          revision: 1,
        };
        const stored = await cluster.create(CONTROLLER_REVISIONS, object);
        expect([stored.data, stored.revision, stored.metadata.generation]).toEqual([data, 1, undefined]);
        const patched = await merge(cluster, CONTROLLER_REVISIONS, namespace, { revision: 2 });
        expect(patched).toMatchObject({ revision: 2, data });
        const error = await refusal(merge(cluster, CONTROLLER_REVISIONS, namespace, { data: { spec: null } }));
        expect(error.kind).toBe("invalid");
        expect(error.status?.details?.causes?.[0]).toMatchObject({ field: "data", reason: "FieldValueInvalid" });
      },
    },
    {
      promise: "a Secret takes plain text and keeps it encoded",
      async run({ cluster, namespace }) {
        const secret = {
          apiVersion: "v1",
          kind: "Secret",
          metadata: { namespace, name: "a" },
          stringData: { key: "väl" },
        };
        const stored = await cluster.create<Loose & { type?: string; stringData?: unknown }>(SECRETS, secret);
        expect([stored.data, stored.stringData, stored.type]).toEqual([
          { key: Buffer.from("väl").toString("base64") },
          undefined,
          "Opaque",
        ]);
      },
    },
    {
      promise: "of two who want a lease at once, one gets it",
      async run({ cluster, namespace }) {
        const spec = { holderIdentity: "", leaseDurationSeconds: 15, renewTime: "2026-01-01T00:00:00.000000Z" };
        const metadata = { namespace, name: "a" };
        const lease = await cluster.create<Loose>(LEASES, {
          apiVersion: "coordination.k8s.io/v1",
          kind: "Lease",
          metadata,
          spec,
        });
        const takes = ["one", "two"].map((holderIdentity) =>
          cluster.update<Loose>(LEASES, { ...lease, spec: { ...spec, holderIdentity } }).then(
            () => holderIdentity,
            () => undefined,
          ),
        );
        const winners = (await Promise.all(takes)).filter((winner) => winner !== undefined);
        expect(winners).toHaveLength(1);
        expect((await cluster.get<Loose>(LEASES, metadata)).spec.holderIdentity).toBe(winners[0]);
      },
    },
    {
      promise: "an Event is about an object of its own namespace",
      async run({ cluster, namespace }) {
        const about = { apiVersion: "v1", kind: "Pod", namespace, name: "p" };
        const event = { apiVersion: "v1", kind: "Event", metadata: { namespace, name: "a" }, involvedObject: about };
        const filled: Loose = { ...event, reason: "Injected", message: "x", type: "Normal", count: 1 } as Loose;
        await cluster.create(EVENTS, filled);
        const list = await cluster.list<Loose>(EVENTS, {
          namespace,
          fieldSelector: "involvedObject.name=p,reason=Injected",
        });
        expect(list.items.map((item) => item.metadata.name)).toEqual(["a"]);
        const foreign = {
          ...filled,
          metadata: { namespace, name: "b" },
          involvedObject: { ...about, namespace: "other" },
        };
        expect((await refusal(cluster.create(EVENTS, foreign as Loose))).kind).toBe("invalid");
      },
    },
    {
      promise: "nodes belong to no namespace, and their status has its own door",
      async run({ cluster, unique, afterwards }) {
        const name = unique("node");
        await cluster.create(NODES, { apiVersion: "v1", kind: "Node", metadata: { name, labels: { zone: "a" } } });
        afterwards(() => cluster.delete(NODES, { name }));
        const status = { conditions: [{ type: "Ready", status: "True", reason: "KubeletReady" }] };
        const patch = { type: "strategic", patch: { status } } as const;
        await cluster.patch(NODES, { name }, patch, { subresource: "status" });
        const node = await cluster.get<Loose>(NODES, { name });
        expect(node.metadata.namespace).toBeUndefined();
        expect(node.status.conditions).toMatchObject(status.conditions);
        const cordon = { type: "strategic", patch: { spec: { unschedulable: true } } } as const;
        expect((await cluster.patch<Loose>(NODES, { name }, cordon)).spec.unschedulable).toBe(true);
      },
    },
  ],
};

/** Of no replicas, so that nobody makes pods of it. */
function createDeployment(cluster: Cluster, namespace: string): Promise<Loose> {
  return cluster.create(DEPLOYMENTS, aDeployment(namespace, "a", { replicas: 0 }));
}

function merge(
  cluster: Cluster,
  type: ResourceType,
  namespace: string,
  patch: JsonObject,
  subresource?: string,
): Promise<Loose> {
  const name = { namespace, name: "a" };
  return cluster.patch<Loose>(type, name, { type: "merge", patch }, subresource ? { subresource } : {});
}
