import type { OwnerReference } from "../kube/object.ts";
import type { Pod } from "../kube/pod.ts";

const JOB_INDEX = "batch.kubernetes.io/job-completion-index";

/** The workload that the pod belongs to; of a Deployment's pod its ReplicaSet. */
export function controllerOf({ metadata }: Pod): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller);
}

/**
 * The pod's place in its workload where that outlives the pod: a pod of a StatefulSet (or of any workload that numbers its pods) comes
 * back under the same name, one of an indexed Job with the same index.
 */
export function ordinalOf(pod: Pod): number | undefined {
  const owner = controllerOf(pod);
  if (owner === undefined) return undefined;
  const { annotations, labels } = pod.metadata;
  const name = pod.metadata.name ?? "";
  if (owner.kind === "Job") return ordinal(annotations?.[JOB_INDEX] ?? labels?.[JOB_INDEX]);
  // Its pods have random suffixes, which may happen to be digits.
  if (owner.kind === "ReplicaSet") return undefined;
  const dash = name.lastIndexOf("-");
  return owner.kind === "StatefulSet" || name.slice(0, dash) === owner.name ? ordinal(name.slice(dash + 1)) : undefined;
}

function ordinal(text: string | undefined): number | undefined {
  return text !== undefined && /^(0|[1-9][0-9]{0,14})$/.test(text) ? Number(text) : undefined;
}
