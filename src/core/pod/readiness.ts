import type { ContainerRecord, PodRecord } from "./podRecord.ts";

/** Counts for a rollout: neither finished nor on its way out. */
export function isActive(pod: PodRecord): boolean {
  return pod.phase !== "Succeeded" && pod.phase !== "Failed" && !pod.deleting;
}

export function isRunningAndReady(pod: PodRecord): boolean {
  return pod.phase === "Running" && pod.ready && !pod.deleting;
}

/** By another clock than the kubelet's: how long a restart may take, where the kubelet's times cannot be believed. */
const RESTART_MS = 30_000;

/**
 * From when on the pod's readiness can be believed to be about the containers that run now; undefined: now already. Readiness that
 * was gained after a container's start cannot be its predecessor's.
 * @param changedAt when we wrote the images, by our clock: a container that says it started before has a kubelet whose clock is behind
 * @returns milliseconds since the epoch
 */
export function readinessCredibleAt(
  pod: PodRecord,
  containers: readonly ContainerRecord[],
  changedAt = Number.NEGATIVE_INFINITY,
): number | undefined {
  const stale = containers
    .map((container) => staleUntil(pod, container, changedAt))
    .filter((time) => time !== undefined);
  return stale.length === 0 ? undefined : Math.max(...stale);
}

function staleUntil(pod: PodRecord, { staleReadyMs, status }: ContainerRecord, changedAt: number): number | undefined {
  if (staleReadyMs === 0 || !status?.ready || status.startedAt === undefined) return undefined;
  if (pod.readySince !== undefined && pod.readySince > status.startedAt) return undefined;
  const startedAt = status.startedAt < changedAt ? changedAt + RESTART_MS : status.startedAt;
  return startedAt + staleReadyMs;
}
