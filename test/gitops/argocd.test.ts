import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/core/kube/object.ts";
import { promotionOf } from "../../src/core/rollout/promotion.ts";
import { aSidecarSet } from "../aSidecarSet.ts";
import { argocdScript } from "./argocdScript.ts";
import { ROLLOUT_STATES, storedIn } from "./rolloutStates.ts";

const FOLDER = resolve(import.meta.dirname, "../../deploy/argocd");
const lua = (name: string): string => readFileSync(join(FOLDER, name), "utf8");
const OWN_STATUS = [
  "conditions",
  "selectedPods",
  "heldPods",
  "stuckPods",
  "driftedPods",
  "budget",
  "rollout",
  "waiting",
  "history",
];

describe("the health of a SidecarSet in Argo CD", () => {
  it.each(ROLLOUT_STATES)("$name", async (state) => {
    const set = await storedIn(state);
    expect(await argocdScript(lua("health.lua"), set)).toEqual({
      status: state.argocd.status,
      message: expect.stringMatching(state.argocd.message),
    });
    if (!state.argocdWithoutConditions) return;
    const status = Object.fromEntries(Object.entries(set.status ?? {}).filter(([key]) => !OWN_STATUS.includes(key)));
    expect(await argocdScript(lua("health.lua"), { ...set, status })).toEqual({
      status: state.argocdWithoutConditions.status,
      message: expect.stringMatching(state.argocdWithoutConditions.message),
    });
  });

  it("waits for a status that is not there yet", async () => {
    const set = { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", metadata: { name: "a", generation: 1 } };
    expect(await argocdScript(lua("health.lua"), set)).toMatchObject({ status: "Progressing" });
  });
});

describe("the actions of a SidecarSet in Argo CD", () => {
  const act = async (action: string, strategy: JsonObject | undefined): Promise<JsonObject> => {
    const spec = { ...(strategy && { updateStrategy: strategy }), containers: [{ name: "a", image: "a:1" }] };
    const { spec: after } = await argocdScript<{ spec: JsonObject }>(lua(`actions/${action}.lua`), { spec });
    expect(after.containers).toEqual(spec.containers);
    return after;
  };

  it("pause and resume", async () => {
    expect(await act("pause", undefined)).toMatchObject({ updateStrategy: { paused: true } });
    expect(await act("pause", { partition: 3 })).toMatchObject({ updateStrategy: { paused: true, partition: 3 } });
    expect((await act("resume", { paused: true, partition: 3 })).updateStrategy).toEqual({ partition: 3 });
    expect(await act("resume", undefined)).not.toHaveProperty("updateStrategy");
  });

  it("promote to all pods, no faster than before", async () => {
    const strategy = { paused: true, partition: "90%", selector: { matchLabels: { a: "b" } }, maxUnavailable: 2 };
    expect((await act("promote-full", strategy)).updateStrategy).toEqual({ maxUnavailable: 2 });
  });

  it("promote one step as the program does", async () => {
    const partition = fc.oneof(
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 0, max: 100 }).map((p) => `${p}%`),
    );
    const strategies = fc.record(
      { partition, selector: fc.constant({ matchLabels: { canary: "yes" } }), maxUnavailable: fc.constant(2) },
      { requiredKeys: [] },
    );
    const counters = fc
      .nat(60)
      .chain((matched) => fc.record({ matched: fc.constant(matched), updated: fc.nat(matched) }));
    let promoted = 0;
    for (const [strategy, pods] of fc.sample(fc.tuple(strategies, counters), { numRuns: 150, seed: 7 })) {
      const expected = promotionOf(aSidecarSet({ updateStrategy: strategy }).spec.updateStrategy, pods, {
        kind: "next",
      });
      if (!expected.ok) continue;
      const status = { matchedPods: pods.matched, updatedPods: pods.updated };
      const set = { spec: { updateStrategy: strategy }, status };
      const after = await argocdScript<typeof set>(lua("actions/promote.lua"), set);
      const { selector: _, ...kept } = strategy;
      expect([strategy, pods, after.spec.updateStrategy]).toEqual([
        strategy,
        pods,
        { ...kept, partition: expected.value.partition },
      ]);
      promoted += 1;
    }
    expect(promoted).toBeGreaterThan(60);
  });

  it("are offered while they have something to do", async () => {
    const offered = async (updateStrategy: JsonObject): Promise<string[]> => {
      const set = { spec: { updateStrategy } };
      const actions = await argocdScript<Record<string, { disabled: boolean }>>(lua("actions/discovery.lua"), set);
      return Object.keys(actions)
        .filter((name) => !actions[name]!.disabled)
        .sort();
    };
    expect(await offered({})).toEqual(["pause"]);
    expect(await offered({ paused: true })).toEqual(["promote-full", "resume"]);
    expect(await offered({ partition: "0%" })).toEqual(["pause"]);
    expect(await offered({ partition: 1 })).toEqual(["pause", "promote", "promote-full"]);
    expect(await offered({ selector: { matchLabels: { a: "b" } } })).toEqual(["pause", "promote", "promote-full"]);
  });
});
