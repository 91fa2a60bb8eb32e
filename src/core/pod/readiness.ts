import type { ContainerRecord, PodRecord } from "./podRecord.ts";

/** Counts for a rollout: neither finished nor on its way out. */
export function isActive(pod: PodRecord): boolean {
  return pod.phase !== "Succeeded" && pod.phase !== "Failed" && !pod.deleting;
}

export function isRunningAndReady(pod: PodRecord): boolean {
  return pod.phase === "Running" && pod.ready && !pod.deleting;
}

/**
 * From when on the pod's readiness can be believed to be about the containers that run now; undefined: now already. Readiness that
 * was gained after a container's start cannot be its predecessor's.
 * @returns milliseconds since the epoch
 */
export function readinessCredibleAt(pod: PodRecord, containers: readonly ContainerRecord[]): number | undefined {
  const stale = containers.map((container) => staleUntil(pod, container)).filter((time) => time !== undefined);
  return stale.length === 0 ? undefined : Math.max(...stale);
}

function staleUntil(pod: PodRecord, { staleReadyMs, status }: ContainerRecord): number | undefined {
  if (staleReadyMs === 0 || !status?.ready || status.startedAt === undefined) return undefined;
  if (pod.readySince !== undefined && pod.readySince > status.startedAt) return undefined;
  return status.startedAt + staleReadyMs;
}
