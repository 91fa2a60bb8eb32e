import { mkdirSync, writeFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { expect } from "vitest";
import { changedInheritance } from "./inheritance.ts";

/** Of each property, unless FUZZ_RUNS says otherwise. */
const DEFAULT_RUNS = 500;
/** The usual run is the same every time; a long one looks somewhere else each time. */
const USUAL_SEED = 4;
/** What no case may ever take, however busy the machine: only a blow-up gets there. */
const LONGEST_CASE_MS = 20_000;
/** A long run may take minutes. */
export const FUZZ_TIMEOUT_MS = 30 * 60_000;

const STANDARD_ERROR = 2;
const MOST_SHOWN = 2_000;
const FAILURES = resolve(import.meta.dirname, "../../node_modules/.cache/fuzz");

/** How many cases of a property are worth their time. */
interface Effort {
  /** Where FUZZ_RUNS says nothing, and which part of it else. */
  readonly usual: number;
  readonly share: number;
}

const USUAL_EFFORT: Effort = { usual: DEFAULT_RUNS, share: 1 };

/**
 * Asserts the property for FUZZ_RUNS cases, and that nothing of it sticks to what all objects inherit. A case that fails is told with
 * its seed the moment it is found, before it is made smaller, so that a run that is cut off has told it too; whole, it is in a file.
 */
export async function fuzz<T>(
  cases: fc.Arbitrary<T>,
  check: (value: T) => void | Promise<void>,
  effort: Effort = USUAL_EFFORT,
): Promise<void> {
  const { seed, path } = runOf(process.env);
  const numRuns = runsOf(process.env, effort);
  const name = expect.getState().currentTestName ?? "fuzz";
  const replay = `FUZZ_SEED=${seed} FUZZ_RUNS=${Math.ceil(numRuns / effort.share)} npx vitest run test/fuzz -t ${JSON.stringify(lastOf(name))}`;
  if (process.env.FUZZ_RUNS !== undefined) say(`fuzz: ${numRuns} runs of "${name}": ${replay}`);
  let isFirst = true;
  const property = fc.asyncProperty(cases, async (value) => {
    try {
      await checkOne(value, check);
    } catch (error) {
      if (isFirst) say(`fuzz: found by ${replay}\n${cut(`${fc.stringify(value)}\n${describe(error)}`)}`);
      isFirst = false;
      throw error;
    }
  });
  const details = await fc.check(property, { numRuns, seed, ...(path !== undefined && { path }) });
  if (!details.failed) return;
  const counterexample = fc.stringify(details.counterexample);
  const file = keep(`${seed}.txt`, `${replay}\n${counterexample}\n${describe(details.errorInstance)}\n`);
  const again = `FUZZ_PATH=${details.counterexamplePath} ${replay}`;
  throw new Error(
    `after ${details.numRuns} runs: ${again}\n${cut(counterexample)}\nwhole in ${file}\n${cut(describe(details.errorInstance))}`,
  );
}

async function checkOne<T>(value: T, check: (value: T) => void | Promise<void>): Promise<void> {
  const began = performance.now();
  await check(value);
  const pollution = changedInheritance();
  if (pollution !== undefined) throw new Error(`polluted: ${pollution}`);
  if (performance.now() - began > LONGEST_CASE_MS) throw new Error("this case takes forever");
}

/** FUZZ_SEED and FUZZ_PATH play a failure again. */
function runOf({ FUZZ_RUNS, FUZZ_SEED, FUZZ_PATH }: NodeJS.ProcessEnv) {
  const seed = FUZZ_RUNS === undefined ? USUAL_SEED : Math.floor(Math.random() * 2 ** 31);
  return { seed: FUZZ_SEED ? Number(FUZZ_SEED) : seed, path: FUZZ_PATH };
}

function runsOf({ FUZZ_RUNS }: NodeJS.ProcessEnv, { usual, share }: Effort): number {
  return FUZZ_RUNS === undefined ? usual : Math.ceil(Number(FUZZ_RUNS) * share);
}

/** The sentence of a test, without those it stands under. */
function lastOf(name: string): string {
  return name.split(" > ").at(-1) ?? name;
}

/** Past the test runner, which holds lines back until the test has ended. */
function say(line: string): void {
  writeSync(STANDARD_ERROR, `${line}\n`);
}

function keep(file: string, text: string): string {
  mkdirSync(FAILURES, { recursive: true });
  const path = join(FAILURES, file);
  writeFileSync(path, text);
  return path;
}

function cut(text: string): string {
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}… (${text.length} characters)`;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
