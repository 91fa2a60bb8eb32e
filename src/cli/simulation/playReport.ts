import { evennessOf } from "../../core/rollout/evenness.ts";
import { type Outcome, outcomeOf } from "../../core/rollout/outcome.ts";
import type { Playback, PlayedRequests } from "../../core/rollout/playForward.ts";
import type { PodCounters } from "../../core/rollout/status.ts";
import { REASON_CODES } from "../../core/rollout/verdict.ts";
import { type Wave, wavesOf } from "../../core/rollout/waves.ts";

/** What every report about a rollout that was played forward holds. Seconds count from its start. */
export interface PlayReport {
  readonly result: Outcome;
  readonly durationSeconds: number;
  readonly pods: { readonly before: PodCounters; readonly after: PodCounters };
  readonly waves: readonly WaveReport[];
  /** Absent where there are no two scatter groups to compare. */
  readonly evenness?: {
    /** 1 is perfectly spread. */
    readonly mean: number;
    readonly groups: number;
    /** The group that was furthest ahead of its share, by how many pods. */
    readonly furthestAhead: { readonly group: string; readonly pods: number };
  };
  /** Pods that were not available: before, at the worst moment, the updated ones at their worst, and how many of these may be. */
  readonly unavailable: {
    readonly before: number;
    readonly most: number;
    readonly mostUpdated: number;
    /** Null when the strategy cannot be read. */
    readonly limit: number | null;
  };
  readonly requests: PlayedRequests & { readonly total: number };
  /** Why the pods are where they are in the end, the most frequent first. */
  readonly reasons: readonly ReasonReport[];
}

/** Neighbouring waves are one entry where there are very many. */
export interface WaveReport {
  /** From 1; 0 are the pods that were not ready and waited for nobody. */
  readonly first: number;
  readonly last: number;
  readonly pods: number;
  readonly startSeconds: number;
  /** Null: a pod of it never became ready. */
  readonly endSeconds: number | null;
  /** Most updated pods that were not available at once. */
  readonly inFlight: number;
  /** Pods by scatter group; absent when the set does not scatter. */
  readonly groups?: Readonly<Record<string, number>>;
  readonly examples: readonly string[];
}

interface ReasonReport {
  readonly code: string;
  readonly because: string;
  readonly pods: number;
  readonly examples: readonly string[];
}

export function playReport(
  playback: Playback,
  given: { readonly start: number; readonly groupName: (group: string) => string },
): PlayReport {
  const { before, after, durationMs, unavailable, requests } = playback;
  const evenness = evennessOf(playback);
  return {
    result: outcomeOf(playback),
    durationSeconds: durationMs / 1000,
    pods: { before: countersOf(before), after: countersOf(after) },
    waves: folded(wavesOf(playback), MOST_WAVES).map((waves) => waveReport(waves, given)),
    ...(evenness && {
      evenness: {
        mean: rounded(evenness.mean),
        groups: evenness.groups,
        furthestAhead: { group: given.groupName(evenness.ahead.group), pods: rounded(evenness.ahead.pods) },
      },
    }),
    unavailable: { ...unavailable, limit: unavailable.limit ?? null },
    requests: { ...requests, total: Object.values(requests).reduce((sum, count) => sum + count, 0) },
    reasons: reasonsOf(playback),
  };
}

const MOST_WAVES = 1000;

/** Runs of neighbours, no more than `most` of them; the pods that waited for nobody stay apart. */
function folded<T extends { readonly number: number }>(waves: readonly T[], most: number): readonly T[][] {
  const free = waves.filter(({ number }) => number === 0);
  const paid = free.length === 0 ? waves : waves.filter(({ number }) => number !== 0);
  const run = Math.ceil(paid.length / most);
  const runs = Array.from({ length: run === 0 ? 0 : Math.ceil(paid.length / run) }, (_, at) =>
    paid.slice(at * run, (at + 1) * run),
  );
  return [...free.map((wave) => [wave]), ...runs];
}

function waveReport(
  waves: readonly Wave[],
  { start, groupName }: { readonly start: number; readonly groupName: (group: string) => string },
): WaveReport {
  const pods = waves.flatMap((wave) => wave.pods);
  const isDone = waves.every(({ endedAt }) => endedAt !== undefined);
  const groups = new Map<string, number>();
  for (const { group } of pods) if (group !== "") groups.set(group, (groups.get(group) ?? 0) + 1);
  return {
    first: waves[0]!.number,
    last: waves.at(-1)!.number,
    pods: pods.length,
    startSeconds: (waves[0]!.startedAt - start) / 1000,
    endSeconds: isDone ? (Math.max(...waves.map(({ endedAt }) => endedAt!)) - start) / 1000 : null,
    inFlight: Math.max(...waves.map(({ inFlight }) => inFlight)),
    ...(groups.size > 0 && {
      groups: Object.fromEntries([...groups].map(([name, count]) => [groupName(name), count])),
    }),
    examples: pods.slice(0, EXAMPLES).map(({ pod }) => pod),
  };
}

const EXAMPLES = 3;

function reasonsOf({ verdicts }: Playback): readonly ReasonReport[] {
  const tally = new Map<string, { code: string; pods: number; examples: string[] }>();
  for (const [pod, verdict] of verdicts) {
    const because = verdict.kind === "upgrade" ? "next" : verdict.because;
    const code = verdict.kind === "upgrade" ? undefined : REASON_CODES[verdict.because];
    const entry = tally.get(because) ?? { code: code ?? "", pods: 0, examples: [] };
    entry.pods++;
    if (entry.examples.length < EXAMPLES) entry.examples.push(pod);
    tally.set(because, entry);
  }
  return [...tally]
    .map(([because, { code, pods, examples }]) => ({ code, because, pods, examples }))
    .toSorted((one, other) => other.pods - one.pods || (one.because < other.because ? -1 : 1));
}

/** Only these: within v1 fields are added on purpose. */
function countersOf({ matched, updated, ready, updatedReady }: PodCounters): PodCounters {
  return { matched, updated, ready, updatedReady };
}

function rounded(number: number): number {
  return Math.round(number * 1000) / 1000;
}
