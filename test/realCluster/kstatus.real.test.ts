import { describe, expect, it } from "vitest";
import { kstatus } from "../gitops/kstatus.ts";
import { ROLLOUT_STATES, storedIn } from "../gitops/rolloutStates.ts";

describe("kstatus, which Flux and others go by, tells of a SidecarSet that is", () => {
  it("in every state what the reference says", { timeout: 900_000 }, async () => {
    const sets = [];
    for (const state of ROLLOUT_STATES) sets.push(await storedIn(state));
    const verdicts = await kstatus(sets);
    expect(verdicts.map(({ status }, index) => `${ROLLOUT_STATES[index]!.name}: ${status}`)).toEqual(
      ROLLOUT_STATES.map(({ name, kstatus: expected }) => `${name}: ${expected}`),
    );
  });

  it("blocked which pods hold it up", { timeout: 900_000 }, async () => {
    const blocked = await storedIn(ROLLOUT_STATES.find(({ kstatus: verdict }) => verdict === "Failed")!);
    const [verdict] = await kstatus([blocked]);
    expect(verdict!.message).toMatch(/ns-1\/web-\d\d/);
  });
});
