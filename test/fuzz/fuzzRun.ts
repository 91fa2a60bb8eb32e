import fc from "fast-check";

/** All properties together, unless FUZZ_RUNS says otherwise. */
const DEFAULT_RUNS = 500;
/** The usual run is the same every time; a long one looks somewhere else each time, and a failure names its seed. */
const USUAL_SEED = 4;
/** What no case may ever take, however busy the machine: only a blow-up gets there. */
const LONGEST_CASE_MS = 20_000;

/** Asserts the property for its share of the runs, and that nothing of it sticks to what all objects inherit. */
export async function fuzz<T>(
  share: number,
  cases: fc.Arbitrary<T>,
  check: (value: T) => void | Promise<void>,
): Promise<void> {
  const before = inherited();
  const property = fc.asyncProperty(cases, async (value) => {
    const began = performance.now();
    await check(value);
    if (inherited() !== before) throw new Error(`polluted: ${inherited()} instead of ${before}`);
    if (performance.now() - began > LONGEST_CASE_MS) throw new Error("this case takes forever");
  });
  const { FUZZ_RUNS, FUZZ_SEED } = process.env;
  const numRuns = Math.ceil(Number(FUZZ_RUNS ?? DEFAULT_RUNS) * share);
  const seed = FUZZ_SEED === undefined ? (FUZZ_RUNS === undefined ? USUAL_SEED : undefined) : Number(FUZZ_SEED);
  await fc.assert(property, { numRuns, ...(seed !== undefined && { seed }) });
}

/** A long run may take minutes. */
export const FUZZ_TIMEOUT_MS = 30 * 60_000;

/** What every object, list, text and function inherits, by name. */
function inherited(): string {
  const prototypes = [Object.prototype, Array.prototype, String.prototype, Function.prototype];
  return prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String).join()).join(";");
}
