import { resolveIntOrPercent } from "../../core/kube/intOrPercent.ts";
import type { ObjectMeta } from "../../core/kube/object.ts";
import { sameTemplate, TEMPLATE_HASH_LABEL, templateHash } from "./templateHash.ts";
import type { Deployment, ReplicaSet } from "./workload.ts";

export const REVISION_ANNOTATION = "deployment.kubernetes.io/revision";
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

export type DeploymentAction =
  | { readonly do: "createReplicaSet"; readonly replicaSet: ReplicaSet }
  | { readonly do: "scale"; readonly replicaSet: ReplicaSet; readonly replicas: number }
  | { readonly do: "number"; readonly object: ReplicaSet | Deployment; readonly revision: number }
  | { readonly do: "deleteReplicaSet"; readonly replicaSet: ReplicaSet };

/** What brings the ReplicaSets of a Deployment one step nearer to its template and number; nothing when it is there. */
export function planDeployment(deployment: Deployment, sets: readonly ReplicaSet[]): DeploymentAction[] {
  const current = currentSet(deployment, sets);
  const others = sets.filter((set) => set !== current);
  if (deployment.spec.paused) return scaleOnly(deployment, current ?? newest(sets));
  const revision = revisionFor(current, others);
  if (!current) {
    const replicas =
      deployment.spec.strategy?.type === "Recreate" && total(others) > 0 ? 0 : roomFor(deployment, 0, total(others));
    return [{ do: "createReplicaSet", replicaSet: newReplicaSet(deployment, revision, replicas) }];
  }
  const numbering = [current, deployment]
    .filter((object) => revisionOf(object) !== revision)
    .map((object): DeploymentAction => ({ do: "number", object, revision }));
  const scaling =
    deployment.spec.strategy?.type === "Recreate"
      ? recreate(deployment, current, others)
      : roll(deployment, current, others);
  return [...scaling, ...numbering, ...(scaling.length === 0 ? trimHistory(deployment, others) : [])];
}

/** The ReplicaSet that has the Deployment's template; the oldest, if there are several. */
export function currentSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return byAge(sets).find((set) => sameTemplate(set.spec.template, deployment.spec.template));
}

export function total(sets: readonly ReplicaSet[]): number {
  return sum(sets, (set) => set.spec.replicas ?? 1);
}

export function available(sets: readonly ReplicaSet[]): number {
  return sum(sets, (set) => set.status?.availableReplicas ?? 0);
}

export function desired(deployment: Deployment): number {
  return deployment.spec.replicas ?? 1;
}

/** How many pods may be there too many and too few during a rolling update; never both none. */
export function limits(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  const { maxSurge = "25%", maxUnavailable = "25%" } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = count(maxSurge, desired(deployment), "up");
  const unavailable = count(maxUnavailable, desired(deployment), "down");
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, desired(deployment)) };
}

function count(value: number | string, of: number, rounding: "up" | "down"): number {
  const resolved = resolveIntOrPercent(value, of, rounding);
  return resolved.ok ? resolved.value : 0;
}

/** New pods as far as the surge allows; when there is nothing to add, old ones go as far as availability allows. */
function roll(deployment: Deployment, current: ReplicaSet, others: readonly ReplicaSet[]): DeploymentAction[] {
  const replicas = roomFor(deployment, current.spec.replicas ?? 1, total(others));
  if (replicas !== current.spec.replicas) return [{ do: "scale", replicaSet: current, replicas }];
  return retire(deployment, current, others);
}

function roomFor(deployment: Deployment, own: number, others: number): number {
  const wanted = desired(deployment);
  if (own >= wanted) return wanted;
  const room = wanted + limits(deployment).surge - own - others;
  return own + Math.max(0, Math.min(room, wanted - own));
}

/** Old pods that are not available go first: they cost nothing. */
function retire(deployment: Deployment, current: ReplicaSet, others: readonly ReplicaSet[]): DeploymentAction[] {
  const leastAvailable = desired(deployment) - limits(deployment).unavailable;
  const unavailableNew = (current.spec.replicas ?? 1) - available([current]);
  let spare = total([current, ...others]) - leastAvailable - unavailableNew;
  let spareAvailable = available([current, ...others]) - leastAvailable;
  const actions: DeploymentAction[] = [];
  for (const set of byAge(others).filter((one) => (one.spec.replicas ?? 1) > 0)) {
    const replicas = set.spec.replicas ?? 1;
    const broken = clamp(replicas - available([set]), 0, spare);
    const working = clamp(replicas - broken, 0, Math.min(spare - broken, spareAvailable));
    if (broken + working === 0) continue;
    actions.push({ do: "scale", replicaSet: set, replicas: replicas - broken - working });
    spare -= broken + working;
    spareAvailable -= working;
  }
  return actions;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}

/** All old pods go before the first new one comes. */
function recreate(deployment: Deployment, current: ReplicaSet, others: readonly ReplicaSet[]): DeploymentAction[] {
  const running = others.filter((set) => (set.spec.replicas ?? 1) > 0);
  if (running.length > 0) return running.map((replicaSet) => ({ do: "scale", replicaSet, replicas: 0 }));
  if (others.some((set) => (set.status?.replicas ?? 0) > 0)) return [];
  return scaleOnly(deployment, current);
}

function scaleOnly(deployment: Deployment, set: ReplicaSet | undefined): DeploymentAction[] {
  const replicas = desired(deployment);
  return !set || set.spec.replicas === replicas ? [] : [{ do: "scale", replicaSet: set, replicas }];
}

function trimHistory(deployment: Deployment, others: readonly ReplicaSet[]): DeploymentAction[] {
  const idle = others.filter(
    (set) => set.spec.replicas === 0 && !set.status?.replicas && !set.metadata.deletionTimestamp,
  );
  const surplus = idle.length - (deployment.spec.revisionHistoryLimit ?? 10);
  const oldestFirst = [...idle].sort((a, b) => revisionOf(a) - revisionOf(b));
  return oldestFirst.slice(0, Math.max(0, surplus)).map((replicaSet) => ({ do: "deleteReplicaSet", replicaSet }));
}

function revisionFor(current: ReplicaSet | undefined, others: readonly ReplicaSet[]): number {
  const highest = Math.max(0, ...others.map(revisionOf));
  return current && revisionOf(current) > highest ? revisionOf(current) : highest + 1;
}

function revisionOf({ metadata }: { readonly metadata: ObjectMeta }): number {
  return Number(metadata.annotations?.[REVISION_ANNOTATION] ?? 0);
}

function newReplicaSet(deployment: Deployment, revision: number, replicas: number): ReplicaSet {
  const { name, namespace, uid, annotations = {} } = deployment.metadata;
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = { [TEMPLATE_HASH_LABEL]: templateHash(template) };
  const { [LAST_APPLIED]: _applied, ...copied } = annotations;
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${name}-${hash[TEMPLATE_HASH_LABEL]}`,
      namespace: namespace!,
      labels: { ...template.metadata?.labels, ...hash },
      annotations: { ...copied, [REVISION_ANNOTATION]: String(revision) },
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          name: name!,
          uid: uid!,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, ...hash } },
      template: { ...template, metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...hash } } },
    },
  };
}

function newest(sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return byAge(sets).at(-1);
}

function byAge(sets: readonly ReplicaSet[]): ReplicaSet[] {
  const born = ({ metadata }: ReplicaSet): string => `${metadata.creationTimestamp} ${metadata.name}`;
  return [...sets].sort((a, b) => (born(a) < born(b) ? -1 : 1));
}

function sum(sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number {
  return sets.reduce((before, set) => before + of(set), 0);
}
