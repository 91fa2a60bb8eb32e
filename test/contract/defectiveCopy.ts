import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SeededDefect } from "./seededDefect.ts";

/** How the contract went. A suite that could not even be loaded, or a case that met a slip of the pen in the sources, is a crash. */
export type Outcome =
  | { readonly kind: "green"; readonly passed: number }
  | { readonly kind: "red"; readonly firstFailure: string }
  | { readonly kind: "crash"; readonly why: string };

const ROOT = join(import.meta.dirname, "../..");
/** What the contract needs; the settings of our other tests are not for a copy. */
const COPIED = ["src", "test/contract", "deploy", "package.json", "tsconfig.json"];
const LONGEST_RUN_MS = 240_000;

/** A copy of the sources with one defect at a time, and the contract run on it. */
export class DefectiveCopy {
  readonly #folder: string;
  #running: ChildProcess | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const path of COPIED) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  }

  /** @returns what the contract says of the defect, or why the defect could not be seeded */
  async judge(defect: SeededDefect): Promise<Outcome> {
    const path = join(this.#folder, defect.file);
    const source = existsSync(path) ? readFileSync(path, "utf8") : "";
    const found = source.split(defect.text).length - 1;
    if (found !== 1) return { kind: "crash", why: `its text is ${found} times in ${defect.file}: mend the defect` };
    writeFileSync(
      path,
      source.replace(defect.text, () => defect.replacement),
    );
    try {
      return await this.runContract(defect.target);
    } finally {
      writeFileSync(path, source);
    }
  }

  async runContract(target: SeededDefect["target"] = "in memory"): Promise<Outcome> {
    const reportPath = join(this.#folder, "report.json");
    rmSync(reportPath, { force: true });
    const output = await this.#vitest([
      "test/contract",
      "--bail=1",
      "--pool=threads",
      "--testTimeout=20000",
      `--testNamePattern=the simulator ${target}`,
      "--cache=false",
      // What is compiled for one defect serves the others.
      "--experimental.fsModuleCache",
      `--experimental.fsModuleCachePath=${join(this.#folder, "compiled")}`,
      "--reporter=json",
      `--outputFile=${reportPath}`,
    ]);
    try {
      return outcomeOf(JSON.parse(readFileSync(reportPath, "utf8")) as VitestReport, output);
    } catch (error) {
      return { kind: "crash", why: `${String(error)}\n${output}` };
    }
  }

  stop(): void {
    this.#running?.kill("SIGKILL");
  }

  /** @returns what it printed */
  #vitest(args: readonly string[]): Promise<string> {
    const program = join(ROOT, "node_modules/vitest/vitest.mjs");
    const child = spawn(process.execPath, [program, "run", ...args], {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LONGEST_RUN_MS,
      killSignal: "SIGKILL",
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    });
    this.#running = child;
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", () => resolve(output));
    });
  }
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

function outcomeOf(report: VitestReport, output: string): Outcome {
  const cases = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = cases.find(({ status }) => status === "failed");
  if (!failed) {
    if (report.success && report.numPassedTests > 0) return { kind: "green", passed: report.numPassedTests };
    const why = report.testResults.map(({ message }) => message).join("\n");
    return { kind: "crash", why: `no case ran to its end. ${why}\n${output}` };
  }
  const [why = ""] = failed.failureMessages ?? [];
  const [, ...titles] = [...failed.ancestorTitles, failed.title];
  return SLIP.test(why) ? { kind: "crash", why } : { kind: "red", firstFailure: titles.join(" > ") };
}

/** Errors of code that is wrong in itself rather than in what it does. */
const SLIP =
  /^(Syntax|Reference)Error|^TypeError: .* is not a (function|constructor)|error occurred: .* is not (defined|a function)/;
