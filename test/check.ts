/** `npm run check`: what must hold besides the tests' own run. Prints one line per check and ends with `N passed, N failed`. */
import { spawnSync } from "node:child_process";

const CHECKS: readonly (readonly [name: string, command: string])[] = [
  ["generated files", "tsx generate/run.ts --check"],
  ["types", "tsc -p ."],
  ["lint", "oxlint --type-aware src generate image test bench"],
  ["format", "biome ci --colors=off ."],
  ["architecture", "vitest run test/architecture.test.ts"],
  ["unused code", "knip"],
  ["build", "node build.mjs"],
  ["package", "publint --strict"],
];

const outcomes = CHECKS.map(([name, command]) => {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync("npx", ["--no-install", ...command.split(" ")], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
  });
  const passed = status === 0;
  if (!passed) process.stdout.write(`${stdout}${stderr}`);
  console.log(`${passed ? "ok    " : "FAILED"} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return passed;
});

const failed = outcomes.filter((passed) => !passed).length;
console.log(`${outcomes.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
