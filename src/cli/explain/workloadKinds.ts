import { DEPLOYMENTS, PODS, REPLICA_SETS, type ResourceType } from "../../cluster/resource.ts";
import { CommandError, EXIT } from "../exitCode.ts";

function kind(group: string, version: string, name: string): ResourceType {
  return { group, version, kind: name, plural: `${name.toLowerCase()}s`, namespaced: true };
}

/** What makes pods, by every word that kubectl has for it. */
const KINDS: readonly { readonly type: ResourceType; readonly words: readonly string[] }[] = [
  { type: PODS, words: ["pod", "pods", "po"] },
  { type: DEPLOYMENTS, words: ["deployment", "deployments", "deploy", "deployment.apps", "deployments.apps"] },
  { type: REPLICA_SETS, words: ["replicaset", "replicasets", "rs", "replicaset.apps"] },
  { type: kind("apps", "v1", "StatefulSet"), words: ["statefulset", "statefulsets", "sts", "statefulset.apps"] },
  { type: kind("apps", "v1", "DaemonSet"), words: ["daemonset", "daemonsets", "ds", "daemonset.apps"] },
  { type: kind("batch", "v1", "Job"), words: ["job", "jobs", "job.batch"] },
  { type: kind("", "v1", "ReplicationController"), words: ["replicationcontroller", "rc"] },
  { type: kind("apps.kruise.io", "v1alpha1", "CloneSet"), words: ["cloneset", "clonesets", "clone"] },
];

/** One object that pods are looked for by. */
export interface Target {
  readonly type: ResourceType;
  readonly name: string;
}

/** @param text `pod/NAME`, `deploy/NAME`; a name alone is a pod's */
export function targetOf(text: string): Target {
  const [word = "", name, ...more] = text.split("/");
  if (name === undefined) return { type: PODS, name: word };
  const known = KINDS.find(({ words }) => words.includes(word.toLowerCase()));
  if (known && name !== "" && more.length === 0) return { type: known.type, name };
  const kinds = KINDS.map(({ words }) => words[0]).join(", ");
  throw new CommandError(`"${text}": KIND/NAME is expected, with one of ${kinds}; a name alone is a pod's`, EXIT.usage);
}
