import { expect } from "vitest";
import type { Cluster } from "../../../src/cluster/cluster.ts";
import { PODS } from "../../../src/cluster/resource.ts";
import type { JsonObject } from "../../../src/core/kube/object.ts";
import {
  aPod,
  aPodOnNode,
  createPod,
  eventsOf,
  type Loose,
  objectVanishes,
  type PodFields,
  refusal,
  told,
} from "../fixtures.ts";
import type { Chapter } from "../target.ts";

const CONTAINER = { name: "app", image: "registry.local/app:1" };

/** Spec → the field that is wrong with it, and Kubernetes' word for why. */
const INVALID_SPECS: readonly (readonly [string, JsonObject, string, string])[] = [
  ["no containers", { containers: [] }, "spec.containers", "FieldValueRequired"],
  ["a container without a name", { containers: [{ image: "a:1" }] }, "spec.containers[0].name", "FieldValueRequired"],
  ["a container without an image", { containers: [{ name: "app" }] }, "spec.containers[0].image", "FieldValueRequired"],
  [
    "two containers of one name",
    { containers: [CONTAINER, CONTAINER] },
    "spec.containers[1].name",
    "FieldValueDuplicate",
  ],
  [
    "an init container named like a container",
    { initContainers: [CONTAINER], containers: [CONTAINER] },
    "spec.initContainers[0].name",
    "FieldValueDuplicate",
  ],
  [
    "a mount of a volume that is not there",
    { containers: [{ ...CONTAINER, volumeMounts: [{ name: "nope", mountPath: "/x" }] }] },
    "spec.containers[0].volumeMounts[0].name",
    "FieldValueNotFound",
  ],
  [
    "two volumes of one name",
    {
      containers: [CONTAINER],
      volumes: [
        { name: "v", emptyDir: {} },
        { name: "v", emptyDir: {} },
      ],
    },
    "spec.volumes[1].name",
    "FieldValueDuplicate",
  ],
  [
    "a restart policy that is none",
    { containers: [CONTAINER], restartPolicy: "Sometimes" },
    "spec.restartPolicy",
    "FieldValueNotSupported",
  ],
];

export const pods: Chapter = {
  title: "pods",
  cases: [
    {
      promise: "a new pod is pending, and what was left out is filled in",
      async run({ cluster, namespace }) {
        const claimed = {
          ...aPod(namespace, "a", { spec: { schedulerName: "nobody" } }),
          status: { phase: "Running" },
        };
        const pod = await createPod(cluster, claimed);
        expect(pod.metadata.generation).toBe(1);
        expect(pod.status).toMatchObject({ phase: "Pending", qosClass: "BestEffort" });
        expect(pod.spec).toMatchObject({
          restartPolicy: "Always",
          dnsPolicy: "ClusterFirst",
          terminationGracePeriodSeconds: 30,
          schedulerName: "nobody",
          securityContext: {},
          enableServiceLinks: true,
        });
        expect(pod.spec.containers[0]).toEqual({
          name: "app",
          image: "registry.local/app:1",
          imagePullPolicy: "IfNotPresent",
          resources: {},
          terminationMessagePath: "/dev/termination-log",
          terminationMessagePolicy: "File",
        });
      },
    },
    {
      promise: "an image without a tag, or tagged latest, is pulled always",
      async run({ cluster, namespace }) {
        const images = ["app", "app:latest", "registry.local:5000/app", "app:1", `app@sha256:${"a".repeat(64)}`];
        const containers = images.map((image, index) => ({ name: `c${index}`, image }));
        const pod = await createPod(cluster, aPodOnNode(namespace, "a", { spec: { containers } }));
        expect(pod.spec.containers.map((c: Loose["spec"]) => c.imagePullPolicy)).toEqual([
          "Always",
          "Always",
          "Always",
          "IfNotPresent",
          "IfNotPresent",
        ]);
      },
    },
    {
      promise: "the quality of service follows from requests and limits",
      async run({ cluster, namespace }) {
        const limits = { cpu: "1", memory: "1Gi" };
        const classOf = async (name: string, resources: JsonObject): Promise<string> => {
          const spec = { containers: [{ ...CONTAINER, resources }] };
          return (await createPod(cluster, aPodOnNode(namespace, name, { spec }))).status.qosClass;
        };
        expect(await classOf("a", { limits })).toBe("Guaranteed");
        expect(await classOf("b", { limits, requests: { cpu: "500m" } })).toBe("Burstable");
        expect(await classOf("c", {})).toBe("BestEffort");
      },
    },
    ...INVALID_SPECS.map(([what, spec, field, reason]) => ({
      promise: `${what} is refused, and the cause is ${field}`,
      async run({ cluster, namespace }: { cluster: Cluster; namespace: string }) {
        const error = await refusal(createPod(cluster, aPod(namespace, "a", { spec })));
        expect(error.kind).toBe("invalid");
        expect(error.status).toMatchObject({ reason: "Invalid", code: 422, details: { name: "a", kind: "Pod" } });
        expect(error.status?.details?.causes?.map((cause) => [cause.field, cause.reason])).toContainEqual([
          field,
          reason,
        ]);
        expect(error.message).toMatch(/^Pod "a" is invalid: /);
      },
    })),
    {
      promise: "images may change, of init containers too, and each change raises the generation",
      async run({ cluster, namespace }) {
        const initContainers = [{ name: "init", image: "init:1" }];
        const pod = await createPod(cluster, aPodOnNode(namespace, "a", { spec: { initContainers } }));
        const changed = await cluster.patch<Loose>(
          PODS,
          { namespace, name: "a" },
          {
            type: "json",
            operations: [
              { op: "replace", path: "/spec/containers/0/image", value: "registry.local/app:2" },
              { op: "replace", path: "/spec/initContainers/0/image", value: "init:2" },
            ],
          },
        );
        expect(changed.spec.containers[0].image).toBe("registry.local/app:2");
        expect(changed.spec.initContainers[0].image).toBe("init:2");
        expect(changed.metadata.generation).toBe((pod.metadata.generation ?? 0) + 1);
      },
    },
    {
      promise: "labels and annotations may change and leave the generation alone",
      async run({ cluster, namespace }) {
        await createPod(cluster, aPodOnNode(namespace, "a"));
        const metadata = { labels: { a: "b" }, annotations: { c: "d" } };
        const patch = { metadata: { ...metadata, generation: 7 } };
        const changed = await cluster.patch(PODS, { namespace, name: "a" }, { type: "merge", patch });
        expect(changed.metadata).toMatchObject({ ...metadata, generation: 1 });
      },
    },
    {
      promise: "a deadline may be set and tolerations may be added",
      async run({ cluster, namespace }) {
        const pod = await createPod(cluster, aPodOnNode(namespace, "a"));
        const tolerations = [...(pod.spec.tolerations ?? []), { key: "contract.test/taint", operator: "Exists" }];
        const spec = { activeDeadlineSeconds: 600, tolerations };
        const changed = await cluster.patch<Loose>(PODS, { namespace, name: "a" }, { type: "merge", patch: { spec } });
        expect(changed.spec).toMatchObject(spec);
      },
    },
    ...[
      ["a variable", { op: "add", path: "/spec/containers/0/env", value: [{ name: "A", value: "1" }] }],
      ["a container", { op: "add", path: "/spec/containers/-", value: { name: "late", image: "late:1" } }],
      ["a volume", { op: "add", path: "/spec/volumes", value: [{ name: "late", emptyDir: {} }] }],
      ["the restart policy", { op: "replace", path: "/spec/restartPolicy", value: "Never" }],
      ["the service account", { op: "replace", path: "/spec/enableServiceLinks", value: false }],
    ].map(([what, operation]) => ({
      promise: `${what} of a pod cannot change: 422 with the rule`,
      async run({ cluster, namespace }: { cluster: Cluster; namespace: string }) {
        await createPod(cluster, aPodOnNode(namespace, "a"));
        const patch = { type: "json", operations: [operation as never] } as const;
        const error = await refusal(cluster.patch(PODS, { namespace, name: "a" }, patch));
        expect(error.kind).toBe("invalid");
        expect(error.message).toMatch(/^Pod "a" is invalid: spec.*: Forbidden: pod updates may not /);
        expect(error.status?.details?.causes?.[0]?.reason).toBe("FieldValueForbidden");
      },
    })),
    {
      promise: "an image cannot change to nothing",
      async run({ cluster, namespace }) {
        await createPod(cluster, aPodOnNode(namespace, "a"));
        const operations = [{ op: "replace", path: "/spec/containers/0/image", value: "" }] as const;
        const error = await refusal(cluster.patch(PODS, { namespace, name: "a" }, { type: "json", operations }));
        expect(error.kind).toBe("invalid");
        expect(error.status?.details?.causes?.[0]?.field).toBe("spec.containers[0].image");
      },
    },
    {
      promise: "the status is written through its own door, and only through that",
      async run({ cluster, namespace }) {
        await createPod(cluster, aPodOnNode(namespace, "a"));
        const name = { namespace, name: "a" };
        const both = { spec: { activeDeadlineSeconds: 5 }, status: { phase: "Running", podIP: "10.1.2.3" } };
        const patch = { type: "merge", patch: both } as const;
        const byStatus = await cluster.patch<Loose>(PODS, name, patch, { subresource: "status" });
        expect(byStatus.status).toMatchObject(both.status);
        expect(byStatus.spec.activeDeadlineSeconds).toBeUndefined();
        expect(byStatus.metadata.generation).toBe(1);
        const owner = { apiVersion: "v1", kind: "ConfigMap", name: "ghost", uid: "no-such-uid" };
        const metadata = { labels: { by: "status" }, ownerReferences: [owner] };
        const labelled = { type: "merge", patch: { metadata } } as const;
        const written = await cluster.patch(PODS, name, labelled, { subresource: "status" });
        expect([written.metadata.labels, written.metadata.ownerReferences]).toEqual([{ by: "status" }, undefined]);
        const failed = { type: "merge", patch: { status: { phase: "Failed" } } } as const;
        expect((await cluster.patch<Loose>(PODS, name, failed)).status.phase).toBe("Running");
        const replaced = { ...byStatus, metadata: { namespace, name: "a" }, status: { phase: "Succeeded" } };
        expect((await cluster.update<Loose>(PODS, replaced, { subresource: "status" })).status.phase).toBe("Succeeded");
      },
    },
    {
      promise: "a strategic patch of the status finds conditions and containers by their keys",
      async run({ cluster, namespace }) {
        await createPod(cluster, aPodOnNode(namespace, "a"));
        const name = { namespace, name: "a" };
        const write = (status: JsonObject) =>
          cluster.patch<Loose>(PODS, name, { type: "strategic", patch: { status } }, { subresource: "status" });
        await write({
          conditions: [
            { type: "Ready", status: "False" },
            { type: "Initialized", status: "True" },
          ],
        });
        const { status } = await write({ conditions: [{ type: "Ready", status: "True" }] });
        const conditions = Object.fromEntries(status.conditions.map((c: Loose["status"]) => [c.type, c.status]));
        expect(conditions).toMatchObject({ Ready: "True", Initialized: "True" });
      },
    },
    {
      promise: "binding puts a pod on a node, once",
      async run({ cluster, namespace }) {
        await createPod(cluster, aPod(namespace, "a", { spec: { schedulerName: "nobody" } }));
        await bind(cluster, namespace, "a", "node-1");
        const pod = await cluster.get<Loose>(PODS, { namespace, name: "a" });
        expect(pod.spec.nodeName).toBe("node-1");
        expect(pod.status.conditions).toContainEqual(expect.objectContaining({ type: "PodScheduled", status: "True" }));
        const again = await refusal(bind(cluster, namespace, "a", "node-2"));
        expect(again.kind).toBe("conflict");
        expect(again.message).toContain('pod a is already assigned to node "node-1"');
      },
    },
    {
      promise: "a pod on a node is deleted in two steps: marked with its grace period, then removed by its kubelet",
      async run({ cluster, namespace }) {
        const name = { namespace, name: "a" };
        const pod = await createPod(
          cluster,
          aPodOnNode(namespace, "a", { spec: { terminationGracePeriodSeconds: 7 } }),
        );
        await cluster.delete(PODS, name);
        const marked = await cluster.get(PODS, name);
        expect(marked.metadata.deletionTimestamp).toMatch(/Z$/);
        expect(marked.metadata.deletionGracePeriodSeconds).toBe(7);
        expect(marked.metadata.generation).toBe((pod.metadata.generation ?? 0) + 1);
        await cluster.delete(PODS, name);
        expect((await cluster.get(PODS, name)).metadata.deletionTimestamp).toBe(marked.metadata.deletionTimestamp);
        await cluster.delete(PODS, name, { gracePeriodSeconds: 0 });
        expect((await refusal(cluster.get(PODS, name))).kind).toBe("notFound");
      },
    },
    {
      promise: "a grace period that runs may be shortened, not extended",
      async run({ cluster, namespace }) {
        const name = { namespace, name: "a" };
        await createPod(cluster, aPodOnNode(namespace, "a"));
        const periods: unknown[] = [];
        for (const gracePeriodSeconds of [20, 10, 30]) {
          await cluster.delete(PODS, name, { gracePeriodSeconds });
          periods.push((await cluster.get(PODS, name)).metadata.deletionGracePeriodSeconds);
        }
        expect(periods).toEqual([20, 10, 10]);
      },
    },
    {
      promise: "a pod that has ended is deleted at once",
      async run({ cluster, namespace }) {
        const name = { namespace, name: "a" };
        await createPod(cluster, aPodOnNode(namespace, "a", { spec: { restartPolicy: "Never" } }));
        const patch = { type: "merge", patch: { status: { phase: "Succeeded" } } } as const;
        await cluster.patch(PODS, name, patch, { subresource: "status" });
        await cluster.delete(PODS, name);
        expect((await refusal(cluster.get(PODS, name))).kind).toBe("notFound");
      },
    },
    {
      promise: "a pod on no node is deleted at once",
      async run({ cluster, namespace }) {
        await createPod(cluster, aPod(namespace, "a", { spec: { schedulerName: "nobody" } }));
        await cluster.delete(PODS, { namespace, name: "a" });
        expect((await refusal(cluster.get(PODS, { namespace, name: "a" }))).kind).toBe("notFound");
      },
    },
    {
      promise: "a watch is told of a pod's end as marked, then as deleted",
      async run({ cluster, namespace }) {
        const pod = await createPod(cluster, aPodOnNode(namespace, "a"));
        const { resourceVersion } = pod.metadata;
        const events = await eventsOf(
          cluster,
          PODS,
          { namespace, resourceVersion },
          {
            count: 3,
            async during() {
              await cluster.delete(PODS, { namespace, name: "a" });
              await cluster.delete(PODS, { namespace, name: "a" }, { gracePeriodSeconds: 0 });
            },
          },
        );
        expect(told(events)).toEqual(["MODIFIED a", "MODIFIED a", "DELETED a"]);
        expect(events.map((event) => event.object.metadata.deletionGracePeriodSeconds)).toEqual([30, 0, 0]);
      },
    },
    {
      promise: "eviction deletes a pod in grace",
      async run({ cluster, namespace }) {
        await createPod(cluster, aPodOnNode(namespace, "a"));
        await evict(cluster, namespace, "a");
        const pod = await cluster.get(PODS, { namespace, name: "a" });
        expect(pod.metadata.deletionGracePeriodSeconds).toBe(30);
        expect((await refusal(evict(cluster, namespace, "nope"))).kind).toBe("notFound");
      },
    },
    {
      promise: "a pod with a service account that is mounted, several volumes and native sidecars keeps all of it",
      async run({ cluster, namespace }) {
        const fields: PodFields = {
          metadata: { annotations: { "a/b": '{"c":1}' } },
          spec: {
            initContainers: [
              { name: "sidecar", image: "s:1", restartPolicy: "Always", startupProbe: { tcpSocket: { port: 1 } } },
            ],
            containers: [
              { ...CONTAINER, env: [{ name: "A", value: "" }], volumeMounts: [{ name: "v", mountPath: "/v" }] },
            ],
            volumes: [{ name: "v", emptyDir: {} }],
          },
        };
        const pod = await createPod(cluster, aPodOnNode(namespace, "a", fields));
        expect(pod.spec.initContainers[0]).toMatchObject({
          restartPolicy: "Always",
          startupProbe: { tcpSocket: { port: 1 } },
        });
        expect(pod.spec.containers[0]).toMatchObject({ volumeMounts: [{ name: "v", mountPath: "/v" }] });
        expect(pod.spec.containers[0].env[0].name).toBe("A");
        expect(pod.metadata.annotations).toEqual({ "a/b": '{"c":1}' });
        await cluster.delete(PODS, { namespace, name: "a" }, { gracePeriodSeconds: 0 });
        await objectVanishes(cluster, PODS, { namespace, name: "a" });
      },
    },
  ],
};

function bind(cluster: Cluster, namespace: string, name: string, node: string): Promise<unknown> {
  const binding = {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { name, namespace },
    target: { kind: "Node", name: node },
  };
  return cluster.create(PODS, binding, { namespace, name, subresource: "binding" });
}

function evict(cluster: Cluster, namespace: string, name: string): Promise<unknown> {
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  return cluster.create(PODS, eviction, { namespace, name, subresource: "eviction" });
}
