import type { InjectionInput } from "../../../src/core/injection/injection.ts";
import { injectPod } from "../../../src/core/injection/injectPod.ts";
import { CONTAINER_FIELDS } from "../../../src/core/kube/containerShape.ts";
import { applyJsonPatch } from "../../../src/core/kube/jsonPatch.ts";
import type { ControllerRevision, Json, JsonObject, Namespace } from "../../../src/core/kube/object.ts";
import type { Pod } from "../../../src/core/kube/pod.ts";
import { formatQuantity, parseQuantity, roundUpToWhole } from "../../../src/core/kube/quantity.ts";
import { listOf, objectOf, typedForm } from "../../../src/core/kube/shape.ts";
import { VOLUME } from "../../../src/core/kube/volumeShape.ts";
import { formatTime } from "../../../src/core/pod/recordJson.ts";
import { parseSidecarSet } from "../../../src/core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../../../src/core/sidecarSet/sidecarSet.ts";
import { compileGoPattern } from "../../../src/webhook/goPattern.ts";
import { compare, type Judge } from "../judge.ts";
import { withoutTimes } from "../normalise.ts";

const NOW = Date.parse("2031-02-03T04:05:06Z");

export interface RecordedInput {
  readonly pod: Pod;
  readonly requestNamespace: string;
  readonly namespaces: readonly Namespace[];
  readonly sidecarSets: readonly JsonObject[];
  readonly controllerRevisions?: readonly ControllerRevision[];
  readonly featureGates?: { readonly EnableSortSidecarContainerByName?: boolean };
  readonly operation?: string;
}

/** Of refusals it matters only that there is one. What comes out is injected once more, and nothing may change then. */
export const injection: Judge = ({ input, expected }) => {
  const recorded = input as unknown as RecordedInput;
  const ours = recorded.operation === "UPDATE" ? { injected: false } : injected(injectionInput(recorded));
  const text = withoutTimes(JSON.stringify(ours), formatTime(NOW));
  return compare(JSON.parse(text), comparable(expected));
};

function injected(input: InjectionInput): JsonObject {
  const first = injectPod(input);
  if (!first.ok) return { error: "refused", injected: false };
  if (first.value.patch.length === 0) return { injected: false };
  const pod = applyJsonPatch(input.pod as unknown as Json, first.value.patch);
  if (!pod.ok) throw new Error(pod.error);
  const again = injectPod({ ...input, pod: pod.value as unknown as Pod, now: NOW + 60_000 });
  if (!again.ok || again.value.patch.length > 0) throw new Error(`injecting again: ${JSON.stringify(again)}`);
  return { injected: true, pod: podForm(pod.value as JsonObject) };
}

export function injectionInput({ pod, requestNamespace, namespaces, ...rest }: RecordedInput): InjectionInput {
  const name = pod.metadata.namespace || requestNamespace;
  const namespace = namespaces.find(({ metadata }) => metadata.name === name);
  return {
    pod,
    requestNamespace,
    namespaceLabels: namespace && (namespace.metadata.labels ?? {}),
    sidecarSets: rest.sidecarSets.map(parsed),
    revisions: rest.controllerRevisions ?? [],
    now: NOW,
    identity: pod.metadata.name ?? "",
    compilePattern: compileGoPattern,
    sortContainersByName: rest.featureGates?.EnableSortSidecarContainerByName === true,
  };
}

function parsed(raw: JsonObject): SidecarSet {
  const set = parseSidecarSet(raw);
  if (!set.ok) throw new Error(JSON.stringify(set.error));
  return set.value;
}

function comparable({ error, pod, ...rest }: JsonObject): JsonObject {
  return { ...rest, ...(error !== undefined && { error: "refused" }), ...(pod && { pod: podForm(pod as JsonObject) }) };
}

const CONTAINERS = listOf(objectOf(...CONTAINER_FIELDS));
const VOLUMES = listOf(VOLUME);

/** The pod as Go writes it, with computed memory in whole bytes, in which we differ on purpose. */
function podForm(pod: JsonObject): JsonObject {
  const {
    apiVersion: _,
    kind: __,
    metadata,
    spec,
    ...rest
  } = pod as JsonObject & Record<"metadata" | "spec", JsonObject>;
  const { containers, initContainers, volumes, ...otherSpec } = spec;
  return {
    ...rest,
    metadata: { ...metadata, labels: nonEmpty(metadata.labels), annotations: nonEmpty(metadata.annotations) },
    spec: {
      ...otherSpec,
      containers: containersForm(containers),
      initContainers: nonEmpty(initContainers) && containersForm(initContainers),
      volumes: nonEmpty(volumes) && typedForm(volumes, VOLUMES),
    },
  };
}

function containersForm(containers: Json | undefined): Json {
  return (typedForm(containers, CONTAINERS) as readonly JsonObject[]).map((container) => ({
    ...container,
    resources: wholeBytes(container.resources as Resources),
  }));
}

type Resources = Readonly<Partial<Record<"limits" | "requests", Readonly<Record<string, string>>>>>;

function wholeBytes(resources: Resources): JsonObject {
  const amounts = Object.entries(resources).map(([field, amount]) => {
    const memory = parseQuantity(amount.memory ?? "");
    return [field, memory.ok ? { ...amount, memory: formatQuantity(roundUpToWhole(memory.value)) } : amount];
  });
  return Object.fromEntries(amounts);
}

function nonEmpty(value: Json | undefined): Json | undefined {
  return value && Object.keys(value).length > 0 ? value : undefined;
}
