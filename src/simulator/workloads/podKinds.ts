import type { ResourceType } from "../../cluster/resource.ts";

/** The kinds that make pods themselves, without ReplicaSets. */
export const STATEFUL_SETS: ResourceType = apps("StatefulSet", "statefulsets");
export const DAEMON_SETS: ResourceType = apps("DaemonSet", "daemonsets");
export const JOBS: ResourceType = { group: "batch", version: "v1", kind: "Job", plural: "jobs", namespaced: true };
export const CLONE_SETS: ResourceType = {
  group: "apps.kruise.io",
  version: "v1alpha1",
  kind: "CloneSet",
  plural: "clonesets",
  namespaced: true,
};

function apps(kind: string, plural: string): ResourceType {
  return { group: "apps", version: "v1", kind, plural, namespaced: true };
}
