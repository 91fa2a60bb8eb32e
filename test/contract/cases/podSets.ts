import { expect } from "vitest";
import type { Cluster } from "../../../src/cluster/cluster.ts";
import type { ResourceType } from "../../../src/cluster/resource.ts";
import type { JsonObject } from "../../../src/core/kube/object.ts";
import { DAEMON_SETS, JOBS, STATEFUL_SETS } from "../../../src/simulator/workloads/podKinds.ts";
import { type Loose, refusal } from "../fixtures.ts";
import type { Chapter } from "../target.ts";

/** Kinds that make pods themselves: what the API server does to them, without their controllers. */
export const podSets: Chapter = {
  title: "StatefulSets, DaemonSets and Jobs",
  cases: [
    {
      promise: "a StatefulSet is completed with its order and strategy",
      async run({ cluster, namespace }) {
        const { spec, metadata } = await create(cluster, STATEFUL_SETS, namespace, { replicas: 0, serviceName: "db" });
        expect(metadata.generation).toBe(1);
        expect(spec).toMatchObject({
          podManagementPolicy: "OrderedReady",
          revisionHistoryLimit: 10,
          updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
          template: { spec: { restartPolicy: "Always", dnsPolicy: "ClusterFirst" } },
        });
      },
    },
    {
      promise: "of a StatefulSet only a few fields change",
      async run({ cluster, namespace }) {
        await create(cluster, STATEFUL_SETS, namespace, { replicas: 0, serviceName: "db" });
        const error = await refusal(merge(cluster, STATEFUL_SETS, namespace, { serviceName: "other" }));
        expect(error.message).toContain(
          "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        );
        const updateStrategy = { rollingUpdate: { partition: 2 } };
        const changed = await merge(cluster, STATEFUL_SETS, namespace, { replicas: 0, updateStrategy });
        expect(changed.metadata.generation).toBe(2);
      },
    },
    {
      promise: "a StatefulSet is scaled through its subresource",
      async run({ cluster, namespace }) {
        await create(cluster, STATEFUL_SETS, namespace, { replicas: 0, serviceName: "db" });
        const name = { namespace, name: "a" };
        const scale = await cluster.get<Loose>(STATEFUL_SETS, name, { subresource: "scale" });
        expect([scale.kind, scale.spec, scale.status.selector]).toEqual(["Scale", {}, "app=a"]);
        const patch = { type: "merge", patch: { spec: { replicas: 1 } } } as const;
        await cluster.patch(STATEFUL_SETS, name, patch, { subresource: "scale", dryRun: true });
        await cluster.patch(STATEFUL_SETS, name, patch, { subresource: "scale" });
        expect((await cluster.get<Loose>(STATEFUL_SETS, name)).spec.replicas).toBe(1);
      },
    },
    {
      promise: "a DaemonSet is completed with its strategy, and its selector never changes",
      async run({ cluster, namespace }) {
        const { spec } = await create(cluster, DAEMON_SETS, namespace, {});
        expect(spec.updateStrategy).toEqual({
          type: "RollingUpdate",
          rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
        });
        const labels = { app: "a", more: "b" };
        const patch = { selector: { matchLabels: labels }, template: { metadata: { labels } } };
        const error = await refusal(merge(cluster, DAEMON_SETS, namespace, patch));
        expect(error.status?.details?.causes).toMatchObject([{ field: "spec.selector", reason: "FieldValueInvalid" }]);
        expect(error.message).toContain("field is immutable");
      },
    },
    {
      promise: "what a StatefulSet and a DaemonSet need is said by kind",
      async run({ cluster, namespace }) {
        for (const [type, kind] of [
          [STATEFUL_SETS, "statefulset"],
          [DAEMON_SETS, "daemonset"],
        ] as const) {
          const error = await refusal(create(cluster, type, namespace, { selector: {} }));
          expect(error.message).toContain(`spec.selector: Invalid value: {}: empty selector is invalid for ${kind}`);
          const template = { metadata: { labels: { app: "a" } }, spec: { ...POD, restartPolicy: "Never" } };
          const restart = await refusal(create(cluster, type, namespace, { template }));
          expect(restart.message).toContain(
            'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
          );
        }
      },
    },
    {
      promise: "a Job is completed, and knows its pods by its own uid",
      async run({ cluster, namespace }) {
        const job = await create(cluster, JOBS, namespace, { suspend: true, ...ONCE });
        const { uid } = job.metadata;
        const labels = {
          "batch.kubernetes.io/controller-uid": uid,
          "batch.kubernetes.io/job-name": "a",
          "controller-uid": uid,
          "job-name": "a",
        };
        expect(job.metadata.labels).toEqual(labels);
        expect(job.spec).toMatchObject({
          backoffLimit: 6,
          completionMode: "NonIndexed",
          completions: 1,
          parallelism: 1,
          manualSelector: false,
          podReplacementPolicy: "TerminatingOrFailed",
          selector: { matchLabels: { "batch.kubernetes.io/controller-uid": uid } },
          template: { metadata: { labels }, spec: { restartPolicy: "Never" } },
        });
      },
    },
    {
      promise: "a Job's pods must come to an end, and its template never changes",
      async run({ cluster, namespace }) {
        const error = await refusal(create(cluster, JOBS, namespace, { suspend: true, template: { spec: POD } }));
        expect(error.message).toBe(
          'Job.batch "a" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
        );
        await create(cluster, JOBS, namespace, { suspend: true, ...ONCE });
        const completions = await refusal(merge(cluster, JOBS, namespace, { completions: 2 }));
        expect(completions.message).toBe(
          'Job.batch "a" is invalid: spec.completions: Invalid value: 2: field is immutable',
        );
        const selector = { matchLabels: { a: "b" } };
        const chosen = await refusal(merge(cluster, JOBS, namespace, { selector }));
        expect(chosen.status?.details?.causes?.map(({ field }) => field)).toContain("spec.selector");
      },
    },
  ],
  httpCases: [
    {
      promise: "tables show what kubectl prints of them",
      async run({ cluster, http, namespace }) {
        await create(cluster, STATEFUL_SETS, namespace, { replicas: 0, serviceName: "db" });
        await create(cluster, DAEMON_SETS, namespace, {
          template: { metadata: { labels: { app: "a" } }, spec: { ...POD, nodeSelector: { no: "such", a: "node" } } },
        });
        await create(cluster, JOBS, namespace, { suspend: true, completions: 3, ...ONCE });
        const table = async (path: string): Promise<Record<string, unknown>> => {
          const headers = { accept: "application/json;as=Table;g=meta.k8s.io;v=v1" };
          const { json } = await http.request("GET", `/apis/${path}/a`, { headers });
          const names = json.columnDefinitions.map(({ name, priority }: Column) => `${name}${priority > 0 ? "+" : ""}`);
          const cells = names.map((name: string, index: number): [string, unknown] => [
            name,
            json.rows[0].cells[index],
          ]);
          return Object.fromEntries(cells.filter(([name]: [string, unknown]) => name !== "Age"));
        };
        expect(await table(`apps/v1/namespaces/${namespace}/statefulsets`)).toEqual({
          Name: "a",
          Ready: "0/0",
          "Containers+": "app",
          "Images+": "app:1",
        });
        expect(await table(`apps/v1/namespaces/${namespace}/daemonsets`)).toEqual({
          Name: "a",
          Desired: 0,
          Current: 0,
          Ready: 0,
          "Up-to-date": 0,
          Available: 0,
          "Node Selector": "a=node,no=such",
          "Containers+": "app",
          "Images+": "app:1",
          "Selector+": "app=a",
        });
        expect(await table(`batch/v1/namespaces/${namespace}/jobs`)).toMatchObject({
          Name: "a",
          Status: expect.stringMatching(/^(Suspended|Running)$/),
          Completions: "0/3",
          Duration: "",
          "Containers+": "app",
          "Images+": "app:1",
        });
      },
    },
  ],
};

interface Column {
  readonly name: string;
  readonly priority: number;
}

const POD = { containers: [{ name: "app", image: "app:1" }] };
const ONCE = { template: { spec: { ...POD, restartPolicy: "Never" } } };

function create(cluster: Cluster, type: ResourceType, namespace: string, spec: JsonObject): Promise<Loose> {
  const labels = { app: "a" };
  const chosen =
    type === JOBS ? {} : { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: POD } };
  return cluster.create<Loose>(type, {
    apiVersion: `${type.group}/${type.version}`,
    kind: type.kind,
    metadata: { namespace, name: "a" },
    spec: { ...chosen, ...spec },
  });
}

function merge(cluster: Cluster, type: ResourceType, namespace: string, spec: JsonObject): Promise<Loose> {
  return cluster.patch<Loose>(type, { namespace, name: "a" }, { type: "merge", patch: { spec } });
}
