import type { WaitingPods } from "../sidecarSet/sidecarSetStatus.ts";
import { type Candidate, keyOf } from "./candidate.ts";
import type { PassedOver } from "./candidates.ts";
import { queuedPods } from "./queuedPods.ts";
import { MOST_EXAMPLES, type PodsByName } from "./rolloutSummary.ts";
import { type Because, REASON_CODES } from "./verdict.ts";

/** What a book knows of pods that wait. */
export interface WaitingInput {
  /** By code, as far as pods wait by themselves. */
  readonly settled: ReadonlyMap<string, PodsByName>;
  readonly candidates: Iterable<Candidate> & { readonly size: number };
  /** Those that are taken now. */
  readonly wave: readonly Candidate[];
  readonly passedOver: PassedOver;
  /** Candidates whose write was refused: those that wait to be tried again, by key, and those that are being tried. */
  readonly deferred: readonly string[];
  readonly isRetried: (candidate: Candidate) => boolean;
  /** Pods that can be flipped, and why they wait by themselves. */
  readonly flips: readonly { readonly key: string; readonly because: Because | undefined }[];
  readonly updatesStopped: boolean;
  /** How many candidates the partition lets go; undefined: the strategy cannot be read. */
  readonly released: number | undefined;
}

/** How many pods wait for each reason, sorted by code: the sums of the verdicts, without looking at every pod. */
export function waitingPods(input: WaitingInput): readonly WaitingPods[] {
  const waiting = new Map([...input.settled, ...(input.updatesStopped ? stopped(input) : unsettled(input))]);
  return [...waiting]
    .filter(([, { count }]) => count > 0)
    .map(([code, { count, examples }]) => ({ code, count, examples }))
    .sort((one, other) => (one.code < other.code ? -1 : 1));
}

function unsettled({
  candidates,
  wave,
  passedOver,
  deferred,
  isRetried,
  released,
}: WaitingInput): Iterable<[string, PodsByName]> {
  const refused = [...deferred, ...wave.filter(isRetried).map(keyOf)];
  const U14 = { count: refused.length, examples: firstOf(refused.sort()) };
  if (released === undefined) {
    return new Map([
      ["U14", U14],
      ["U15", { count: candidates.size, examples: firstOf(names(candidates)) }],
    ]);
  }
  const { count, first } = passedOver;
  const U19 = { count, examples: count > 0 ? firstOf(names(first())) : [] };
  return new Map([["U14", U14], ["U19", U19], ...queuedPods({ candidates, passedOver: count, wave, released })]);
}

/** All that would be written sooner or later waits for the switch, also what could be flipped. */
function stopped({ settled, candidates, deferred, flips }: WaitingInput): Iterable<[string, PodsByName]> {
  const byThemselves = flips.filter(({ because }) => because !== undefined);
  const others = new Map<string, PodsByName>();
  for (const { key, because } of byThemselves) {
    const code = REASON_CODES[because!];
    const pods = code === undefined ? undefined : (others.get(code) ?? settled.get(code));
    if (pods) others.set(code!, { count: pods.count - 1, examples: pods.examples.filter((name) => name !== key) });
  }
  const keys = [...deferred, ...byThemselves.map(({ key }) => key)].sort();
  const count = candidates.size + keys.length;
  return others.set("U18", { count, examples: firstOf([...firstOf(names(candidates)), ...keys]) });
}

function* names(pods: Iterable<Candidate>): Iterable<string> {
  for (const pod of pods) yield keyOf(pod);
}

function firstOf(keys: Iterable<string>): readonly string[] {
  const first: string[] = [];
  for (const key of keys) {
    if (first.length >= MOST_EXAMPLES) break;
    first.push(key);
  }
  return first;
}
