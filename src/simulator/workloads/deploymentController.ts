import type { Cluster } from "../../cluster/cluster.ts";
import type { Environment } from "../../cluster/environment.ts";
import type { LocalCopy } from "../../cluster/localCopy.ts";
import { DEPLOYMENTS, REPLICA_SETS } from "../../cluster/resource.ts";
import { unreachable } from "../../core/result.ts";
import { sameJson } from "../apiObject.ts";
import type { EventRecorder } from "../events/eventRecorder.ts";
import { type DeploymentAction, planDeployment, REVISION_ANNOTATION } from "./deploymentPlan.ts";
import { deploymentStatus } from "./deploymentStatus.ts";
import { controllerOf, isDeleting, keyOf, nameOf, nameOfKey } from "./objectKey.ts";
import { OwnedObjects } from "./ownedObjects.ts";
import { UnseenWrites } from "./unseenWrites.ts";
import { type Deployment, type ReplicaSet, withoutZeros, zerosAsNull } from "./workload.ts";
import { startWorkQueue } from "./workQueue.ts";

export interface DeploymentControllerOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly deployments: LocalCopy<Deployment>;
  readonly replicaSets: LocalCopy<ReplicaSet>;
  readonly events?: EventRecorder;
}

/** Rolls Deployments: one ReplicaSet per template, pods moved from the old ones to the new within maxSurge and maxUnavailable. */
export function startDeploymentController(options: DeploymentControllerOptions): void {
  const { environment, signal, deployments, replicaSets } = options;
  const owned = new OwnedObjects(replicaSets);
  const unseen = new UnseenWrites(replicaSets, environment.clock);
  const work = (key: string): Promise<void> => reconcile(key, options, owned, unseen);
  const queue = startWorkQueue({ environment, signal, name: "the Deployment controller", work });
  deployments.subscribe((change) => {
    if (change.type !== "deleted") queue.add(keyOf(change.object));
  });
  replicaSets.subscribe((change) => {
    const set = change.type === "deleted" ? change.old : change.object;
    const owner = controllerOf(set);
    if (owner?.kind === "Deployment") queue.add(`${set.metadata.namespace}/${owner.name}`);
  });
  for (const deployment of deployments.values()) queue.add(keyOf(deployment));
}

async function reconcile(
  key: string,
  { cluster, environment, deployments, replicaSets, events }: DeploymentControllerOptions,
  owned: OwnedObjects<ReplicaSet>,
  unseen: UnseenWrites<ReplicaSet>,
): Promise<void> {
  const deployment = deployments.get(nameOfKey(key));
  if (!deployment || isDeleting(deployment) || !replicaSets.hasSynced()) return;
  const uid = deployment.metadata.uid ?? "";
  const belongs = (set: ReplicaSet): boolean => controllerOf(set)?.uid === uid;
  const sets = unseen.corrected(owned.of(uid), belongs).filter((set) => !isDeleting(set));
  try {
    for (const action of planDeployment(deployment, sets)) {
      await act(action, cluster, unseen);
      const message = scalingText(action);
      if (message !== undefined) events?.record(deployment, { type: "Normal", reason: "ScalingReplicaSet", message });
    }
  } finally {
    await writeStatus(deployment, sets, cluster, environment.clock.now());
  }
}

async function act(action: DeploymentAction, cluster: Cluster, unseen: UnseenWrites<ReplicaSet>): Promise<void> {
  switch (action.do) {
    case "createReplicaSet": {
      const { namespace = "" } = action.replicaSet.metadata;
      unseen.created(await cluster.create(REPLICA_SETS, action.replicaSet, { namespace }));
      return;
    }
    case "scale": {
      // The version makes it a conflict when somebody has changed the set since we read it.
      const { resourceVersion } = action.replicaSet.metadata;
      const patch = { metadata: { resourceVersion }, spec: { replicas: action.replicas } };
      await cluster.patch(REPLICA_SETS, nameOf(action.replicaSet), { type: "merge", patch });
      return;
    }
    case "number": {
      const type = action.object.kind === "Deployment" ? DEPLOYMENTS : REPLICA_SETS;
      const patch = { metadata: { annotations: { [REVISION_ANNOTATION]: String(action.revision) } } };
      await cluster.patch(type, nameOf(action.object), { type: "merge", patch });
      return;
    }
    case "deleteReplicaSet":
      await cluster.delete(REPLICA_SETS, nameOf(action.replicaSet), { propagationPolicy: "Background" });
      unseen.deleted(action.replicaSet);
      return;
    default:
      return unreachable(action);
  }
}

function scalingText(action: DeploymentAction): string | undefined {
  const { name } = "replicaSet" in action ? action.replicaSet.metadata : {};
  if (action.do === "createReplicaSet")
    return `Scaled up replica set ${name} from 0 to ${action.replicaSet.spec.replicas ?? 0}`;
  if (action.do !== "scale") return undefined;
  const from = action.replicaSet.spec.replicas ?? 1;
  return `Scaled ${action.replicas > from ? "up" : "down"} replica set ${name} from ${from} to ${action.replicas}`;
}

async function writeStatus(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  cluster: Cluster,
  now: number,
): Promise<void> {
  const status = deploymentStatus(deployment, sets, now);
  if (sameJson(withoutZeros(status), { ...deployment.status })) return;
  const patch = { status: zerosAsNull(status) };
  await cluster.patch(DEPLOYMENTS, nameOf(deployment), { type: "merge", patch }, { subresource: "status" });
}
