import { describe, expect, it } from "vitest";
import { SCENARIO_NAMES } from "../../src/cli/demo/scenarios/scenarioNames.ts";
import { runProgram } from "./runProgram.ts";

/** By the lesson: the command that explains it, and what that says. The others are played in the long run only. */
const EXPLAINED = {
  canary: "U04 notSelected",
  partition: "U05 partition",
  scatter: "scattered by zone",
  "stuck-image": "U06 maxUnavailable",
  "webhook-down": "I06 webhookUnavailable",
  "immutable-change": "U07 nonImageChange",
  "hot-upgrade": "U01 upToDate",
  "native-sidecar": "U01 upToDate",
} as const;
const ALWAYS = ["stuck-image", "webhook-down"] as const;
const isLong = process.env.FUZZ_RUNS !== undefined;

describe("sidecarset demo --scenario", () => {
  it("is explained for every lesson, but for the one about numbers", () => {
    expect([...Object.keys(EXPLAINED), "5000-pods"]).toEqual([...SCENARIO_NAMES]);
  });

  it.each(isLong ? (Object.keys(EXPLAINED) as (keyof typeof EXPLAINED)[]) : ALWAYS)(
    "%s: keeps its promises, and shows what explains it",
    async (name) => {
      const { code, stdout, stderr } = await runProgram(["demo", "--scenario", name, "--speed", "20x"]);
      expect(stderr).toBe("");
      expect(stdout).toContain(EXPLAINED[name]);
      const [, command = ""] = /\nWhat explains it: (sidecarset explain pod\/\S+ -n shop)\n/.exec(stdout) ?? [];
      expect(stdout.split(`$ ${command}\n`).length).toBeGreaterThan(1);
      const promises = stdout.slice(stdout.indexOf("What an observer of the API saw"));
      expect(promises.match(/✔/g)!.length).toBeGreaterThanOrEqual(2);
      expect(promises).not.toContain("✖");
      expect(code).toBe(0);
    },
    120_000,
  );

  it("says which lessons there are", async () => {
    const { code, stderr } = await runProgram(["demo", "--scenario", "nope"]);
    expect(code).toBe(2);
    for (const name of SCENARIO_NAMES) expect(stderr).toContain(name);
  });

  it.each(["0", "fast", "-3x", "5000x"])("refuses the speed %s", async (speed) => {
    const { code, stderr } = await runProgram(["demo", "--speed", speed]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`--speed "${speed}": a factor from 0.1 to 1000`)]);
  });
});
