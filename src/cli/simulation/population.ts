import { injectPod } from "../../core/injection/injectPod.ts";
import { applyJsonPatch } from "../../core/kube/jsonPatch.ts";
import type { Labels } from "../../core/kube/labelSelector.ts";
import type { Json, JsonObject } from "../../core/kube/object.ts";
import type { Container, Pod } from "../../core/kube/pod.ts";
import { type PodRecord, podRecord } from "../../core/pod/podRecord.ts";
import { NAMESPACE_NAME_LABEL } from "../../core/sidecarSet/annotations.ts";
import { compileGoPattern } from "../../webhook/goPattern.ts";
import { CommandError } from "../exitCode.ts";
import type { LabelSpread } from "./flags.ts";
import { chance } from "./kubeletModel.ts";
import { satisfyingLabels } from "./satisfyingLabels.ts";
import type { StoredChange } from "./setBefore.ts";

/** The pods of a simulation: how many, and what tells them apart. */
export interface PopulationPlan {
  readonly pods: number;
  readonly owners: number;
  readonly namespaces: number;
  readonly labels: readonly LabelSpread[];
  /** Share of the pods whose own container is not ready, and stays so. */
  readonly notReady: number;
  readonly seed: number;
  /** Workloads' pods before injection; none: a plain one that the set selects. */
  readonly templates: readonly PodTemplate[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface PodTemplate {
  /** For messages, and for the names of its pods. */
  readonly title: string;
  readonly name: string;
  readonly pod: Pod;
}

export interface Population {
  readonly pods: readonly PodRecord[];
  readonly namespaces: ReadonlyMap<string, Labels>;
}

/** Pods as the cluster would have them before the change: injected by the webhook's own function, running for up to a month. */
export function population(change: StoredChange, plan: PopulationPlan): Population {
  const namespaces = namespacesFor(change, plan.namespaces);
  const [[firstName, firstLabels] = ["default", {}] as const] = namespaces;
  const templates = (plan.templates.length > 0 ? plan.templates : [plainTemplate(change)]).map((template) => {
    const injected = injectedPod(change, template, { namespace: firstName, labels: firstLabels, now: plan.now });
    return { name: template.name, ready: running(injected, true), unready: running(injected, false) };
  });
  const names = [...namespaces.keys()];
  const labelled = new LabelledTemplates();
  const pods = Array.from({ length: plan.pods }, (_, index): PodRecord => {
    const owner = index % plan.owners;
    const { name: workload, ready, unready } = templates[owner % templates.length]!;
    const name = `${workload}-${owner + 1}-${Math.floor(index / plan.owners) + 1}`;
    const namespace = names[owner % names.length]!;
    const luck = (about: string) => chance(plan.seed, `${about} ${namespace}/${name}`);
    const template = plan.notReady > 0 && luck("not ready") < plan.notReady ? unready : ready;
    const createdAt = plan.now - Math.round((HOUR_MS + luck("age") * MONTH_MS) / 1000) * 1000;
    return {
      ...template,
      namespace,
      name,
      uid: name,
      owner: `${workload}-${owner + 1}`,
      labels: labelled.of(template.labels, plan.labels, luck),
      createdAt,
      readySince: createdAt + STARTING_MS,
    };
  });
  return { pods, namespaces };
}

const HOUR_MS = 3_600_000;
const MONTH_MS = 30 * 24 * HOUR_MS;
const STARTING_MS = 30_000;

function namespacesFor({ after, before }: StoredChange, count: number): ReadonlyMap<string, Labels> {
  const selectors = [after.spec.namespaceSelector, before.spec.namespaceSelector];
  const labels = satisfyingLabels(selectors);
  if (labels === undefined)
    throw new CommandError("no namespace meets spec.namespaceSelector: its pods cannot be made up");
  const named = labels[NAMESPACE_NAME_LABEL];
  const names =
    named === undefined
      ? Array.from({ length: count }, (_, index) => (count === 1 ? "default" : `namespace-${index + 1}`))
      : [named];
  return new Map(names.map((name) => [name, { ...labels, [NAMESPACE_NAME_LABEL]: name }]));
}

function plainTemplate({ after, before }: StoredChange): PodTemplate {
  const labels = satisfyingLabels([after.spec.selector, before.spec.selector]);
  if (labels === undefined) {
    throw new CommandError("no pod meets spec.selector as it is easily read: add a workload that does with -f");
  }
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { labels },
    spec: { containers: [{ name: "app", image: "app:1" }] },
  };
  return { title: "a plain pod", name: "app", pod };
}

function injectedPod(
  { before, revision }: StoredChange,
  { title, name, pod }: PodTemplate,
  place: { readonly namespace: string; readonly labels: Labels; readonly now: number },
): Pod {
  const injectionStrategy = { ...before.spec.injectionStrategy, paused: false, revision: undefined };
  const named = { ...pod, metadata: { ...pod.metadata, name, namespace: place.namespace } };
  const decision = injectPod({
    pod: named,
    requestNamespace: place.namespace,
    namespaceLabels: place.labels,
    sidecarSets: [{ ...before, spec: { ...before.spec, injectionStrategy } }],
    revisions: [revision],
    now: place.now - MONTH_MS,
    identity: name,
    compilePattern: compileGoPattern,
  });
  if (!decision.ok) {
    throw new CommandError(`${title} cannot be injected: ${decision.error.field}: ${decision.error.reason.message}`);
  }
  const [outcome] = decision.value.outcomes;
  if (outcome?.kind === "skipped")
    throw new CommandError(`${title} gets no sidecar (${outcome.reason.code}): ${outcome.reason.message}`);
  const patched = applyJsonPatch(named as unknown as Json, decision.value.patch);
  if (!patched.ok) throw new Error(`the patch does not fit the pod it was made for: ${patched.error}`);
  return patched.value as unknown as Pod;
}

/** With the status that a kubelet gives it; where it is not ready, its own containers are the reason. */
function running(injected: Pod, isReady: boolean): PodRecord {
  const own = new Set(
    isReady
      ? []
      : injected.spec.containers
          .slice(0)
          .filter(isOwn)
          .map(({ name }) => name),
  );
  const statusOf = ({ name, image = "" }: Container) => ({
    name,
    image,
    imageID: `sha256-of:${image}`,
    containerID: `simulated://${name}`,
    ready: !own.has(name),
    restartCount: 0,
    state: { running: {} },
  });
  const status = {
    phase: "Running",
    observedGeneration: 1,
    conditions: [{ type: "Ready", status: own.size === 0 ? "True" : "False" }],
    containerStatuses: injected.spec.containers.map(statusOf),
    initContainerStatuses: (injected.spec.initContainers ?? []).map(statusOf),
  } as unknown as Pod["status"];
  const metadata = { ...injected.metadata, generation: 1, resourceVersion: "1" };
  return podRecord({ ...injected, metadata, spec: { ...injected.spec, nodeName: "node" }, ...(status && { status }) });
}

/** Containers that come from a SidecarSet are marked by injection. */
function isOwn({ env = [] }: Container): boolean {
  return !env.some(({ name }) => name === "IS_INJECTED");
}

/** Label maps of the pods: those of equal pods are one object. */
class LabelledTemplates {
  readonly #known = new Map<Labels, Map<string, Labels>>();

  of(labels: Labels, spreads: readonly LabelSpread[], luck: (about: string) => number): Labels {
    if (spreads.length === 0) return labels;
    const chosen = spreads.map(({ key, values }) => [key, weighted(values, luck(`label ${key}`))] as const);
    const known = this.#known.get(labels) ?? new Map<string, Labels>();
    this.#known.set(labels, known);
    const signature = chosen.map(([, value]) => value).join();
    const result = known.get(signature) ?? { ...labels, ...Object.fromEntries(chosen) };
    known.set(signature, result);
    return result;
  }
}

function weighted(values: LabelSpread["values"], luck: number): string {
  const all = values.reduce((sum, { weight }) => sum + weight, 0);
  let rest = luck * all;
  for (const { value, weight } of values) {
    rest -= weight;
    if (rest < 0) return value;
  }
  return values.at(-1)!.value;
}

/** A workload's template as a pod. */
export function templatePod(template: JsonObject): Pod {
  return { ...template, apiVersion: "v1", kind: "Pod" } as unknown as Pod;
}
