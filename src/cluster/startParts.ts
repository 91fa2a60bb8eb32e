import { type Environment, sleep } from "./environment.ts";
import type { LeaderPart, Leading } from "./leaderPart.ts";

const BACK_OFF_MS = { shortest: 1_000, longest: 30_000 };

/** Starts all parts side by side and settles when each has begun, or when the signal aborts. One that cannot begin is tried again. */
export async function startParts(
  parts: readonly LeaderPart[],
  leading: Leading,
  environment: Environment,
): Promise<void> {
  await Promise.all(parts.map((part) => begin(part, leading, environment)));
}

async function begin(part: LeaderPart, leading: Leading, { clock, random, log }: Environment): Promise<void> {
  const { signal } = leading;
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      return await part.start(leading);
    } catch (error) {
      if (signal.aborted) return;
      const longest = Math.min(BACK_OFF_MS.shortest * 2 ** (failures - 1), BACK_OFF_MS.longest);
      const retryInMs = Math.round(longest * (0.5 + random() / 2));
      log("warn", "a part of the leader cannot begin", { part: part.name, error: messageOf(error), retryInMs });
      await sleep(clock, retryInMs, signal);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
