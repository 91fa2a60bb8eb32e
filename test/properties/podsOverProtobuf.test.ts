import fc from "fast-check";
import { expect, it } from "vitest";
import type { Pod } from "../../src/core/kube/pod.ts";
import { podRecord } from "../../src/core/pod/podRecord.ts";
import { readPodEvent, readPodList } from "../../src/kubeapi/protobuf/answer.ts";
import { frames } from "../../src/kubeapi/protobuf/frames.ts";
import type { ApiObject } from "../../src/simulator/apiObject.ts";
import { podBytes, podEventFrame, podListBytes } from "../../src/simulator/https/protobufAnswer.ts";
import { parseProtobuf } from "../../src/simulator/https/protobufBody.ts";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const count = fc.integer({ min: 0, max: 2 ** 31 - 1 });
/** From before 1970 to long after. */
const time = fc
  .integer({ min: -(10 ** 9), max: 10 ** 10 })
  .map((seconds) => `${new Date(seconds * 1000).toISOString().slice(0, -5)}Z`);
const texts = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}\.io\/[a-z]{1,8}$/), text, { maxKeys: 4 });

function some<T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }, requiredKeys: (keyof T)[] = []) {
  return fc.record(fields, { requiredKeys });
}

const probe = some({ initialDelaySeconds: count, periodSeconds: count, exec: fc.constant({ command: ["true"] }) });
const container = some(
  {
    name,
    image: text,
    restartPolicy: fc.constantFrom("Always", "Never"),
    startupProbe: probe,
    readinessProbe: probe,
    env: fc.array(some({ name, value: text }, ["name"]), { maxLength: 3 }),
    resources: fc.constant({ limits: { cpu: "100m" } }),
  },
  ["name"],
);
const state = some({
  running: some({ startedAt: time }),
  waiting: some({ reason: text, message: text }),
  terminated: some({ exitCode: count, finishedAt: time }),
});
const containerStatus = some(
  {
    name,
    image: text,
    imageID: text,
    containerID: text,
    ready: fc.boolean(),
    restartCount: count,
    state,
    lastState: state,
  },
  ["name"],
);
const condition = some(
  {
    type: fc.constantFrom("Ready", "SidecarSetUpgradable", "PodScheduled"),
    status: fc.constantFrom("True", "False"),
    reason: text,
    message: text,
    lastTransitionTime: fc.option(time),
  },
  ["type", "status"],
);
const owner = some({ apiVersion: text, kind: text, name, uid: text, controller: fc.boolean() }, ["uid"]);
const managed = fc.constant({ manager: "kubelet", operation: "Update", fieldsV1: { "f:status": { ".": {} } } });

const pods = fc.record({
  apiVersion: fc.constant("v1"),
  kind: fc.constant("Pod"),
  metadata: some(
    {
      name,
      namespace: name,
      uid: text,
      resourceVersion: count.map(String),
      generation: fc.nat(Number.MAX_SAFE_INTEGER),
      creationTimestamp: time,
      deletionTimestamp: time,
      labels: texts,
      annotations: texts,
      ownerReferences: fc.array(owner, { maxLength: 3 }),
      managedFields: fc.array(managed, { maxLength: 2 }),
    },
    ["name", "namespace"],
  ),
  spec: some(
    {
      nodeName: text,
      containers: fc.array(container, { maxLength: 3 }),
      initContainers: fc.array(container, { maxLength: 3 }),
      volumes: fc.array(some({ name, emptyDir: fc.constant({ sizeLimit: "1Gi" }) }, ["name"]), { maxLength: 2 }),
    },
    ["containers"],
  ),
  status: some({
    phase: text,
    observedGeneration: count,
    conditions: fc.array(condition, { maxLength: 3 }),
    containerStatuses: fc.array(containerStatus, { maxLength: 3 }),
    initContainerStatuses: fc.array(containerStatus, { maxLength: 3 }),
  }),
}) as unknown as fc.Arbitrary<Pod & ApiObject>;

/** JSON leaves out what Go holds for nothing: no pod of a real server has these. */
function asServed(pod: Pod & ApiObject): Pod & ApiObject {
  const served = JSON.stringify(pod, (key, value: unknown) =>
    OMITTED.has(key) && (value === "" || value === 0) ? undefined : value,
  );
  return JSON.parse(served) as Pod & ApiObject;
}

const OMITTED = new Set([
  "generation",
  "observedGeneration",
  "reason",
  "message",
  "initialDelaySeconds",
  "periodSeconds",
]);

it("any pod has the same record over protobuf as over JSON", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(pods, { maxLength: 4 }), async (drawn) => {
      const items = drawn.map(asServed);
      const expected = items.map(podRecord);
      const list = {
        apiVersion: "v1",
        kind: "PodList",
        metadata: { resourceVersion: "7" },
        items,
        itemsNameKind: false,
      };
      expect(readPodList(podListBytes(list)).items.map(podRecord)).toEqual(expected);
      const watched: Pod[] = [];
      for await (const frame of frames(chunksOf(items))) watched.push(readPodEvent(frame).object as Pod);
      expect(watched.map(podRecord)).toEqual(expected);
    }),
  );
});

it("any pod that the embedded API server writes as protobuf it reads back as it was", () => {
  fc.assert(
    fc.property(pods, (drawn) => {
      const pod = withoutNothing(drawn) as ApiObject;
      expect(withoutNothing(parseProtobuf(podBytes(pod)))).toEqual(pod);
    }),
  );
});

async function* chunksOf(items: readonly ApiObject[]): AsyncGenerator<Buffer> {
  for (const object of items) yield podEventFrame({ type: "MODIFIED", object });
}

/** Without nulls, zeros, and texts, lists and objects that are empty: what they say is nothing, in either format. */
function withoutNothing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNothing);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, field]) => [key, withoutNothing(field)] as const);
  return Object.fromEntries(
    fields.filter(([, field]) => field && !(typeof field === "object" && Object.keys(field).length === 0)),
  );
}
