import { ClusterError } from "./clusterError.ts";
import type { Clock } from "./environment.ts";

/** The answer, or a ClusterError (`unavailable`) when it takes longer; what was asked for may still happen. */
export function withinTime<T>(answer: Promise<T>, limitMs: number, { clock, what }: Patience): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () =>
      reject(new ClusterError("unavailable", `${what} took more than ${limitMs} ms`)),
    );
    answer.then(resolve, reject).finally(cancel);
  });
}

export interface Patience {
  readonly clock: Clock;
  /** For the message: `reading the Namespace`. */
  readonly what: string;
}
