import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { DefectiveCopy, type Outcome } from "./defectiveCopy.ts";
import { SEEDED_DEFECTS, type SeededDefect } from "./seededDefect.ts";

/**
 * `npm run test:defects [-- WORDS]`: who guards the contract? Seeds one defect after the other into copies of the simulator and expects
 * the contract to turn red at each, after it was green on the unchanged copy. Ends with `N passed, N failed`; WORDS choose defects.
 */
async function main(words: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "seeded-defects-"));
  const copies: DefectiveCopy[] = [];
  process.once("exit", () => {
    for (const copy of copies) copy.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

  const chosen = SEEDED_DEFECTS.filter(({ broken }) => broken.includes(words));
  const lanes = Math.min(2, availableParallelism());
  for (let lane = 0; lane < lanes; lane += 1) copies.push(new DefectiveCopy(join(folder, String(lane))));
  const outcomes = [...(await judgeUnchanged(copies, chosen))];
  if (!outcomes.includes(false)) outcomes.push(...(await judgeAll(copies, chosen)));
  const failed = outcomes.filter((passed) => !passed).length;
  console.log(`${outcomes.length - failed} passed, ${failed} failed`);
  return failed === 0 && chosen.length > 0 ? 0 : 1;
}

/** On each target that a defect is looked for. */
function judgeUnchanged(copies: readonly DefectiveCopy[], defects: readonly SeededDefect[]): Promise<boolean[]> {
  const targets = [...new Set(defects.map(({ target = "in memory" }) => target))];
  return Promise.all(
    targets.map((target, index) =>
      reported(`unchanged, ${target}: the contract is green`, async () => {
        const outcome = await copies[index % copies.length]!.runContract(target);
        return { outcome, passed: outcome.kind === "green" };
      }),
    ),
  );
}

/** As many at a time as there are copies. */
async function judgeAll(copies: readonly DefectiveCopy[], defects: readonly SeededDefect[]): Promise<boolean[]> {
  const waiting = [...defects];
  const passed: boolean[] = [];
  await Promise.all(
    copies.map(async (copy) => {
      for (let defect = waiting.shift(); defect; defect = waiting.shift()) passed.push(await judged(copy, defect));
    }),
  );
  return passed;
}

function judged(copy: DefectiveCopy, defect: SeededDefect): Promise<boolean> {
  return reported(defect.broken, async () => {
    const outcome = await copy.judge(defect);
    return { outcome, passed: outcome.kind === "red" };
  });
}

async function reported(
  what: string,
  judge: () => Promise<{ readonly outcome: Outcome; readonly passed: boolean }>,
): Promise<boolean> {
  const startedAt = performance.now();
  const { outcome, passed } = await judge();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${passed ? "ok    " : "FAILED"} ${what}\n       ${told(outcome)} (${seconds} s)`);
  return passed;
}

function told(outcome: Outcome): string {
  switch (outcome.kind) {
    case "green":
      return `green, ${outcome.passed} cases`;
    case "red":
      return `red at: ${outcome.firstFailure}`;
    case "crash":
      return outcome.why;
  }
}

process.exitCode = await main(process.argv.slice(2).join(" "));
