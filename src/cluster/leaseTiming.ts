export interface LeaseTiming {
  /** Others take over when they have seen no renewal for so long. */
  readonly durationMs: number;
  /** The leader gives up when it has not renewed for so long: what it wrote last has the rest of the duration to arrive. */
  readonly renewDeadlineMs: number;
  /** So often the leader renews, and the others look. */
  readonly retryMs: number;
  /** After so long an answer is not waited for any more. */
  readonly attemptMs: number;
}

/** All follows from the duration, in the proportions of Kubernetes' own components: 15 s, 10 s, 2 s. */
export function leaseTiming(durationSeconds: number): LeaseTiming {
  const durationMs = durationSeconds * 1000;
  return {
    durationMs,
    renewDeadlineMs: (durationMs * 2) / 3,
    retryMs: (durationMs * 2) / 15,
    attemptMs: durationMs / 3,
  };
}
