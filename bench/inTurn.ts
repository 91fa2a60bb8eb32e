import { median } from "./median.ts";

/** Long enough for the compiler to be done with both. */
const WARM_UP_MS = 4_000;
const ROUNDS = 500;
const PAIRS = 7;

/** One call of what is measured. */
type Work = () => unknown;

export interface Compared {
  /** Median milliseconds a call. */
  readonly ms: number;
  readonly baselineMs: number;
  /** Median of the ratios of all pairs. */
  readonly ratio: number;
}

/** Both in turn, in blocks: the machine's good and bad moments meet both of them alike. */
export async function inTurn(work: Work, baseline: Work): Promise<Compared> {
  for (const started = performance.now(); performance.now() - started < WARM_UP_MS; ) {
    await work();
    await baseline();
  }
  const pairs: (readonly [number, number])[] = [];
  for (let pair = 0; pair < PAIRS; pair++) pairs.push([await msPerCall(work), await msPerCall(baseline)]);
  return {
    ms: median(pairs.map(([ours]) => ours)),
    baselineMs: median(pairs.map(([, theirs]) => theirs)),
    ratio: median(pairs.map(([ours, theirs]) => ours / theirs)),
  };
}

async function msPerCall(work: Work): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return median(times);
}
