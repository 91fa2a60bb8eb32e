/** By which workload controllers tell their pods apart: another value, and a pod would lose its owner or be taken for a different one. */
const KEYS: ReadonlySet<string> = new Set([
  "pod-template-hash",
  "pod-template-generation",
  "controller-revision-hash",
  "controller-uid",
  "job-name",
  "deploymentconfig",
  "rollouts-pod-template-hash",
]);

/** Domains whose labels controllers write. What stands below `kruise.io` includes our own marks. */
const DOMAINS: readonly string[] = [
  "statefulset.kubernetes.io",
  "apps.kubernetes.io",
  "batch.kubernetes.io",
  "kruise.io",
  "jobset.sigs.k8s.io",
  "leaderworkerset.sigs.k8s.io",
  "rollouts.argoproj.io",
];

export function isWorkloadLabel(key: string): boolean {
  const slash = key.indexOf("/");
  if (slash === -1) return KEYS.has(key);
  const domain = key.slice(0, slash);
  return DOMAINS.some((owned) => domain === owned || domain.endsWith(`.${owned}`));
}
