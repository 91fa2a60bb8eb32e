import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Labels } from "../src/core/kube/labelSelector.ts";
import type { PodName, PodRecord } from "../src/core/pod/podRecord.ts";
import { openBook } from "../src/core/rollout/planRollout.ts";
import type { RolloutBook } from "../src/core/rollout/rolloutBook.ts";
import { revisionOf } from "../src/core/sidecarSet/revision.ts";
import type { SidecarSet } from "../src/core/sidecarSet/sidecarSet.ts";
import { fleet, podText, record, rollingSet } from "./fleet.ts";
import { median, rounded } from "./median.ts";

const LARGE = 1_000_000;
const MEDIUM = 100_000;
const SMALL = 10_000;
const WAVE = 100;
const RUNS = 5;
const PLANS = 60;
const EVENTS = 2000;
const SELECTED_NAMESPACES = new Map<string, Labels>();

/**
 * A program of its own, for a million pods ask for more memory than others get. Prints the figures of a scattered rollout: from the
 * records to the first pods, the next ones, one event; and what a pod costs in the heap.
 */
function figures(): object {
  const small = measured(fleet(SMALL));
  const bytes = bytesPerPod();
  const pods = fleet(LARGE);
  const large = measured(pods);
  return {
    firstWaveMs: Math.round(large.firstWaveMs),
    sortOfNamesMs: Math.round(sortMs(pods)),
    nextWaveMs: rounded(large.nextWaveMs),
    eventUs: rounded(large.eventUs, 1),
    eventUsOf10000: rounded(small.eventUs, 1),
    eventRatio: rounded(large.eventUs / small.eventUs, 2),
    ...bytes,
  };
}

interface Measured {
  readonly firstWaveMs: number;
  readonly nextWaveMs: number;
  readonly eventUs: number;
}

function measured(pods: readonly PodRecord[]): Measured {
  const set = rollingSet();
  const plan = planOf(set);
  const first: number[] = [];
  let book: RolloutBook | undefined;
  for (let run = 0; run < RUNS; run++) {
    book = undefined;
    collectGarbage();
    first.push(
      msOf(() => {
        book = openBook({ set, pods, namespaces: SELECTED_NAMESPACES });
        plan(book);
      }),
    );
  }
  return { firstWaveMs: median(first), nextWaveMs: nextWaveMs(book!, plan), eventUs: eventUs(book!, pods.length) };
}

/** Each plan is about other pods than the one before: those have been upgraded and are gone from the queue. */
function nextWaveMs(book: RolloutBook, plan: Plan): number {
  const rounds = Array.from({ length: PLANS }, () => {
    let wave: readonly PodName[] = [];
    const ms = msOf(() => {
      wave = plan(book);
    });
    for (const pod of wave) book.remove(pod);
    return ms;
  });
  return median(rounds.slice(PLANS / 2));
}

/** @returns the pods that are written */
type Plan = (book: RolloutBook) => readonly PodName[];

/** A plan with the writes for the pods of the wave. */
function planOf(set: SidecarSet): Plan {
  const revisions = [revisionOf(set, { revision: 2, collisionCount: 0 })];
  return (book) => {
    const { actions } = book.plan({ revisions, collisionCount: 0, now: Date.now() });
    const wave = actions.filter((action) => action.kind === "upgradePod").map(({ pod }) => pod);
    if (wave.length !== WAVE) throw new Error(`${wave.length} pods are upgraded instead of ${WAVE}`);
    return wave;
  };
}

/** The sidecar of one pod was restarted, each time of another one. What is looked at for the first time is paid for in the first rounds. */
function eventUs(book: RolloutBook, pods: number): number {
  const rounds = Array.from({ length: RUNS + 2 }, (_, round) => {
    const events = Array.from({ length: EVENTS }, (__, event) =>
      record(podText((event * 7919 + round) % pods, round + 1)),
    );
    const ms = msOf(() => {
      for (const event of events) book.put(event);
    });
    return (ms * 1000) / EVENTS;
  });
  return median(rounds.slice(2));
}

/** As a measure of the machine. */
function sortMs(pods: readonly PodRecord[]): number {
  const names = pods.map(({ name }) => name);
  return median(Array.from({ length: RUNS }, () => msOf(() => names.toSorted())));
}

function msOf(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function bytesPerPod(): { readonly recordBytes: number; readonly bookBytes: number } {
  const before = heapBytes();
  const pods = fleet(MEDIUM);
  const withRecords = heapBytes();
  const book = openBook({ set: rollingSet(), pods, namespaces: SELECTED_NAMESPACES });
  const withBook = heapBytes();
  const counted = book.counters.matched;
  return {
    recordBytes: Math.round((withRecords - before) / counted),
    bookBytes: Math.round((withBook - withRecords) / counted),
  };
}

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
function collectGarbage(): void {
  gc();
  gc();
}

console.log(JSON.stringify(figures()));
