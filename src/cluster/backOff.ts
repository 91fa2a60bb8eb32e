import { isClusterError } from "./clusterError.ts";

export interface Span {
  readonly shortest: number;
  readonly longest: number;
}

const BACK_OFF_MS: Span = { shortest: 800, longest: 30_000 };

/**
 * How long to wait after a failure: what the server asks for, else longer after each, at random within what has been reached (full
 * jitter: clients that failed together do not come back together).
 * @param failures in a row, 1 for the first
 * @param fraction uniform in [0, 1)
 */
export function backOffMs(error: unknown, failures: number, fraction: number): number {
  if (isClusterError(error) && error.retryAfterSeconds) return error.retryAfterSeconds * 1000;
  const { shortest, longest } = BACK_OFF_MS;
  return between({ shortest, longest: Math.min(longest, shortest * 2 ** failures) }, fraction);
}

/** @param fraction uniform in [0, 1) */
export function between({ shortest, longest }: Span, fraction: number): number {
  return shortest + (longest - shortest) * fraction;
}
