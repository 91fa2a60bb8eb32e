import type { Cluster } from "../../cluster/cluster.ts";
import { type Clock, sleep } from "../../cluster/environment.ts";
import { CommandError, EXIT } from "../exitCode.ts";

/** What every step of a move works with. */
export interface Move {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly systemNamespace: string;
  /** Every write is asked of the API server and none is stored; nothing is waited for. */
  readonly dryRun: boolean;
  /** How long a step is waited for. */
  readonly timeoutMs: number;
  /** Tells a person what has been done. */
  readonly say: (line: string) => void;
}

const LOOK_MS = 500;

/** Looks again and again. @returns what was found. Rejects with exit code 5 when the time is up */
export async function until<T>(
  { clock, timeoutMs }: Move,
  look: () => Promise<T | undefined>,
  late: string,
): Promise<T> {
  for (const end = clock.now() + timeoutMs; ; ) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (clock.now() >= end) throw new CommandError(`${late} (waited ${timeoutMs / 1000} s)`, EXIT.timeout);
    await sleep(clock, LOOK_MS);
  }
}
