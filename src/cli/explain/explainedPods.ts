import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { PODS, REPLICA_SETS } from "../../cluster/resource.ts";
import type { ExplainedPod, Workload } from "../../core/explanation/explainPod.ts";
import { compileSelector, formatRequirement, type LabelSelector } from "../../core/kube/labelSelector.ts";
import type { KubeObject, OwnerReference } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { CommandError } from "../exitCode.ts";
import type { Target } from "./workloadKinds.ts";

/** Which pods are meant: one by its name, those of a workload, or all with certain labels. */
export type Wanted =
  | { readonly by: "name"; readonly target: Target; readonly namespace: string }
  | { readonly by: "labels"; readonly selector: string; readonly namespace: string | undefined };

/** The pods of the cluster that are meant, each with the workload that makes its kind. Rejects with a ClusterError. */
export async function explainedPods(cluster: Cluster, wanted: Wanted): Promise<readonly ExplainedPod[]> {
  const owners = new Owners(cluster);
  const pods = await podsMeant(cluster, wanted, owners);
  return Promise.all(pods.map(async (object) => ({ object, workload: await owners.workloadOf(object) })));
}

async function podsMeant(cluster: Cluster, wanted: Wanted, owners: Owners): Promise<readonly Pod[]> {
  if (wanted.by === "labels") {
    const { selector, namespace } = wanted;
    const { items } = await cluster.list<Pod>(PODS, { labelSelector: selector, ...(namespace && { namespace }) });
    return items;
  }
  const { target, namespace } = wanted;
  const { type, name } = target;
  const object = await cluster.get<Pod & WithSelector>(type, { namespace, name }).catch((error: unknown) => {
    if (!isClusterError(error, "notFound")) throw error;
    throw new CommandError(
      `there is no ${type.kind} "${name}" in namespace ${namespace}; another one is named with -n`,
    );
  });
  if (type === PODS) return [object];
  const { items } = await cluster.list<Pod>(PODS, { namespace, labelSelector: selectorOf(object) });
  const owned = await Promise.all(items.map((pod) => owners.isMadeBy(pod, object)));
  return items.filter((_, index) => owned[index]);
}

interface WithSelector extends KubeObject {
  readonly spec: { readonly selector?: LabelSelector | Readonly<Record<string, string>> };
}

/** As the API takes it; a ReplicationController has plain labels. */
function selectorOf({ kind, spec }: WithSelector): string {
  const { selector = {} } = spec;
  const labels = kind === "ReplicationController" ? { matchLabels: selector as Record<string, string> } : selector;
  const compiled = compileSelector(labels as LabelSelector);
  return compiled.ok ? compiled.value.requirements.map(formatRequirement).join(",") : "";
}

/** Who made a pod. A ReplicaSet has an owner of its own, which is asked for once. */
class Owners {
  readonly #cluster: Cluster;
  readonly #ofReplicaSets = new Map<string, Promise<OwnerReference | undefined>>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async workloadOf({ metadata }: Pod): Promise<Workload | undefined> {
    const owner = controllerOf(metadata);
    if (owner === undefined) return undefined;
    const { kind, name } = (await this.#aboveOf(owner, metadata.namespace ?? "default")) ?? owner;
    return { kind, name };
  }

  async isMadeBy({ metadata }: Pod, workload: KubeObject): Promise<boolean> {
    const owner = controllerOf(metadata);
    if (owner === undefined) return false;
    const { uid } = workload.metadata;
    return owner.uid === uid || (await this.#aboveOf(owner, metadata.namespace ?? "default"))?.uid === uid;
  }

  #aboveOf(owner: OwnerReference, namespace: string): Promise<OwnerReference | undefined> {
    if (owner.kind !== REPLICA_SETS.kind) return Promise.resolve(undefined);
    const known = this.#ofReplicaSets.get(owner.uid);
    if (known) return known;
    const above = this.#cluster
      .get(REPLICA_SETS, { namespace, name: owner.name })
      .then(({ metadata }) => controllerOf(metadata))
      .catch((error: unknown) => {
        // Whose it is makes the answer better, and it is an answer without.
        if (isClusterError(error, "notFound", "forbidden")) return undefined;
        throw error;
      });
    this.#ofReplicaSets.set(owner.uid, above);
    return above;
  }
}

function controllerOf({ ownerReferences = [] }: KubeObject["metadata"]): OwnerReference | undefined {
  return ownerReferences.find(({ controller }) => controller);
}
