import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

/**
 * Runs the tests of one configuration in a process of their own, which learns of the world they need by these variables, and ends with
 * a line `N passed, N failed`.
 * @returns the exit code
 */
export async function runVitest(config: string, filters: readonly string[], world: NodeJS.ProcessEnv): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "vitest-report-"));
  const report = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile=${report}`];
    const code = await vitest(["run", "--config", config, ...filters, ...reporters], world);
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8")) as VitestReport;
    // What fails around the tests is a failure as well.
    console.log(`${numPassedTests} passed, ${numFailedTests || (code === 0 ? 0 : 1)} failed`);
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function vitest(args: readonly string[], world: NodeJS.ProcessEnv): Promise<number> {
  const root = resolve(import.meta.dirname, "..");
  const program = join(root, "node_modules/vitest/vitest.mjs");
  const child = spawn(process.execPath, [program, ...args], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...world },
  });
  process.once("exit", () => child.kill());
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
