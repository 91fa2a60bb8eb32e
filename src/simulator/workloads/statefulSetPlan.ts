import type { ControllerRevision, JsonObject, KubeObject } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { isDeleting } from "./objectKey.ts";
import { podFromTemplate } from "./podFromTemplate.ts";
import type { PodSetAction, PodSetPlan, Surroundings } from "./podSetController.ts";
import { templateOf, templateRevisions } from "./templateRevisions.ts";
import { isActive, isPodReady, type PodTemplate, readySince } from "./workload.ts";

/** apps/v1 StatefulSet: the fields we read. */
export interface StatefulSet extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly serviceName?: string;
    readonly minReadySeconds?: number;
    readonly podManagementPolicy?: "OrderedReady" | "Parallel";
    readonly template: PodTemplate;
    readonly updateStrategy?: {
      readonly type?: "RollingUpdate" | "OnDelete";
      readonly rollingUpdate?: { readonly partition?: number };
    };
  };
  readonly status?: { readonly currentRevision?: string };
}

const REVISION_LABEL = "controller-revision-hash";

/** One step: pods come from the first to the last, each after the one before is ready; they go and are replaced from the last to the first. */
export function planStatefulSet(set: StatefulSet, { pods, revisions, now }: Surroundings): PodSetPlan {
  const { update, actions } = templateRevisions(set, revisions, "controller.kubernetes.io/hash");
  const current = revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
  const state = { set, pods: new Map(pods.map((pod) => [ordinalOf(pod), pod])), current, update, now };
  return { actions: [...actions, ...steps(state)], ...statusOf(state) };
}

interface State {
  readonly set: StatefulSet;
  readonly pods: ReadonlyMap<number, Pod>;
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  readonly now: number;
}

function steps(state: State): PodSetAction[] {
  const { set, pods } = state;
  const replicas = set.spec.replicas ?? 1;
  const parallel = set.spec.podManagementPolicy === "Parallel";
  const wanted = Array.from({ length: replicas }, (_, ordinal) => ordinal);
  const filling = wanted.flatMap((ordinal) => fill(state, ordinal));
  const surplus = [...pods].filter(([ordinal]) => ordinal >= replicas).sort(([a], [b]) => b - a);
  const leaving = surplus.filter(([, pod]) => !isDeleting(pod)).map(([, pod]) => remove(pod));
  if (parallel && filling.length + leaving.length > 0) return [...filling, ...leaving];
  const unready = wanted.findIndex((ordinal) => !isHealthy(state, pods.get(ordinal)));
  if (!parallel && unready >= 0) return fill(state, unready);
  if (surplus.length > 0) return surplus.some(([, pod]) => isDeleting(pod)) ? [] : leaving.slice(0, 1);
  return replace(state, replicas);
}

/** A pod where there is none; one that has ended makes room first. */
function fill(state: State, ordinal: number): PodSetAction[] {
  const pod = state.pods.get(ordinal);
  if (!pod) return [{ do: "createPod", pod: newPod(state, ordinal) }];
  return isActive(pod) || isDeleting(pod) ? [] : [remove(pod)];
}

/** The last pod of an old revision, when all after it are well. */
function replace(state: State, replicas: number): PodSetAction[] {
  const { updateStrategy } = state.set.spec;
  if (updateStrategy?.type === "OnDelete") return [];
  const partition = updateStrategy?.rollingUpdate?.partition ?? 0;
  for (let ordinal = replicas - 1; ordinal >= partition; ordinal -= 1) {
    const pod = state.pods.get(ordinal);
    if (!pod || isDeleting(pod)) return [];
    if (pod.metadata.labels?.[REVISION_LABEL] !== state.update.metadata.name) return [remove(pod)];
    if (!isHealthy(state, pod)) return [];
  }
  return [];
}

function remove(pod: Pod): PodSetAction {
  return { do: "deletePod", pod };
}

function newPod({ set, current, update }: State, ordinal: number): Pod {
  const { updateStrategy, serviceName } = set.spec;
  const partition = updateStrategy?.type === "OnDelete" ? 0 : (updateStrategy?.rollingUpdate?.partition ?? 0);
  const revision = ordinal < partition ? current : update;
  const template = revision === update ? set.spec.template : templateOf(revision);
  const name = `${set.metadata.name}-${ordinal}`;
  const labels = {
    [REVISION_LABEL]: revision.metadata.name!,
    "statefulset.kubernetes.io/pod-name": name,
    "apps.kubernetes.io/pod-index": String(ordinal),
  };
  const spec = { hostname: name, ...(serviceName ? { subdomain: serviceName } : {}) };
  return podFromTemplate(set, template, { name, labels, spec });
}

function isHealthy({ set, now }: State, pod: Pod | undefined): boolean {
  return pod !== undefined && isActive(pod) && isPodReady(pod) && availableAt(set, pod) <= now;
}

function availableAt({ spec }: StatefulSet, pod: Pod): number {
  return readySince(pod) + (spec.minReadySeconds ?? 0) * 1000;
}

function statusOf({ set, pods, current, update, now }: State): Pick<PodSetPlan, "status" | "wakeAt"> {
  const active = [...pods.values()].filter((pod) => isActive(pod));
  const ready = active.filter(isPodReady);
  const of = (revision: ControllerRevision): number =>
    active.filter(({ metadata }) => metadata.labels?.[REVISION_LABEL] === revision.metadata.name).length;
  const replicas = set.spec.replicas ?? 1;
  const updated = of(update);
  const complete = updated === replicas && active.length === replicas && ready.length === replicas;
  const shown = complete ? update : current;
  const later = ready.map((pod) => availableAt(set, pod)).filter((at) => at > now);
  const counts = {
    readyReplicas: ready.length,
    currentReplicas: of(shown),
    updatedReplicas: updated,
  };
  const status = {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: active.length,
    ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    availableReplicas: ready.length - later.length,
    currentRevision: shown.metadata.name!,
    updateRevision: update.metadata.name!,
    collisionCount: 0,
  } satisfies JsonObject;
  return { status, wakeAt: later.length > 0 ? Math.min(...later) : undefined };
}

function ordinalOf({ metadata }: Pod): number {
  return Number(metadata.name!.slice(metadata.name!.lastIndexOf("-") + 1));
}
