import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { median, rounded } from "./median.ts";

const PROGRAM = resolve("dist/sidecarset.js");
const RUNS = 9;
const STORY_RUNS = 5;

/** From process start to the end of `--help`, in turn with a Node that does nothing. */
export async function helpStart(): Promise<object> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    ours.push((await timed([PROGRAM, "--help"])).ms);
    bare.push((await timed(["-e", "0"])).ms);
  }
  return {
    medianMs: Math.round(median(ours)),
    bareNodeMs: Math.round(median(bare)),
    differenceMs: Math.round(median(ours) - median(bare)),
  };
}

/** The whole demo from the built file: until the API server answers, until the end, and the most memory it had resident. */
export async function demoStory(): Promise<object> {
  const ready: number[] = [];
  const total: number[] = [];
  const memory: number[] = [];
  for (let run = 0; run < STORY_RUNS; run++) {
    const { ms, firstStepMs, peakMb, code } = await timed([
      "--require",
      resolve("bench/peakMemory.cjs"),
      PROGRAM,
      "demo",
      "--exit",
    ]);
    if (code !== 0) throw new Error(`the demo ended with exit code ${code}`);
    ready.push(firstStepMs);
    total.push(ms);
    memory.push(peakMb);
  }
  return {
    apiReadyMs: Math.round(median(ready)),
    totalSeconds: rounded(median(total) / 1000, 1),
    peakRssMb: Math.round(median(memory)),
    runs: STORY_RUNS,
  };
}

interface Timed {
  readonly ms: number;
  /** Until the line that says that the API server is up. */
  readonly firstStepMs: number;
  readonly peakMb: number;
  readonly code: number | null;
}

function timed(args: readonly string[]): Promise<Timed> {
  const started = performance.now();
  let firstStepMs = Number.NaN;
  let stderr = "";
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", (chunk: Buffer) => {
    if (Number.isNaN(firstStepMs) && chunk.includes("API server")) firstStepMs = performance.now() - started;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk;
  });
  return new Promise((done) =>
    child.on("close", (code) =>
      done({
        ms: performance.now() - started,
        firstStepMs,
        peakMb: Number(/peak (\d+) KB/.exec(stderr)?.[1]) / 1024,
        code,
      }),
    ),
  );
}
