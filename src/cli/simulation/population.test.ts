import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { outcomeOf } from "../../core/rollout/outcome.ts";
import { type Playback, playForward } from "../../core/rollout/playForward.ts";
import { withHashes } from "../../core/sidecarSet/hash.ts";
import { labelSpread } from "./flags.ts";
import { modelledRestart } from "./kubeletModel.ts";
import { type Population, type PopulationPlan, population } from "./population.ts";
import { storedChange } from "./setBefore.ts";

const START = Date.UTC(2026, 0, 1);
const PLAN: PopulationPlan = {
  pods: 20,
  owners: 4,
  namespaces: 2,
  labels: [],
  notReady: 0,
  seed: 1,
  templates: [],
  now: START,
};

function changed(spec: Record<string, unknown>) {
  return storedChange(withHashes(aSidecarSet(spec)), undefined, START - 1000);
}

function populated(spec: Record<string, unknown>, plan: Partial<PopulationPlan> = {}): Population {
  return population(changed(spec), { ...PLAN, ...plan });
}

function played(spec: Record<string, unknown>): Playback {
  const change = changed(spec);
  const restart = modelledRestart({ restartSeconds: [5, 10], failing: 0, seed: 1, pods: PLAN.pods });
  return playForward({
    ...population(change, PLAN),
    set: change.after,
    revisions: [change.revision],
    start: START,
    restart,
  });
}

describe("made-up pods", () => {
  it("carry the sidecars as the webhook injects them, spread over owners and namespaces", () => {
    const { pods, namespaces } = populated({});
    expect(pods).toHaveLength(20);
    expect(new Set(pods.map(({ owner }) => owner)).size).toBe(4);
    expect([...namespaces.keys()]).toEqual([...new Set(pods.map(({ namespace }) => namespace))]);
    expect(pods[0]!.containers.map(({ name, image }) => [name, image])).toContainEqual(["logtail", "logtail:before"]);
    expect(pods[0]!.annotations["kruise.io/sidecarset-injected-list"]).toBe("logging");
  });

  it("have labels by weight, and meet selectors with expressions", () => {
    const matchExpressions = [
      { key: "tier", operator: "In", values: ["gold", "silver"] },
      { key: "tier", operator: "NotIn", values: ["gold"] },
      { key: "app", operator: "Exists" },
    ];
    const { pods } = populated({ selector: { matchExpressions } }, { pods: 1000, labels: labelSpread("zone=a:9,b:1") });
    const inA = pods.filter(({ labels }) => labels.zone === "a").length;
    expect(pods[0]!.labels).toMatchObject({ tier: "silver", app: "true" });
    expect(inA).toBeGreaterThan(850);
    expect(inA).toBeLessThan(950);
  });

  it("are the same for the same seed, and others for another one", () => {
    const ready = (seed: number) => populated({}, { pods: 200, notReady: 0.2, seed }).pods.map((pod) => pod.ready);
    expect(ready(1)).toEqual(ready(1));
    expect(ready(1)).not.toEqual(ready(2));
    expect(ready(1).filter((isReady) => !isReady).length).toBeGreaterThan(20);
  });

  it.each<[string, Record<string, unknown>, Partial<Playback["requests"]>]>([
    ["cold sidecars with one write a pod", {}, { upgrades: 20, flips: 0 }],
    [
      "native sidecars with one write a pod",
      { containers: [], initContainers: [{ name: "native", image: "native:2", restartPolicy: "Always" }] },
      { upgrades: 20, flips: 0 },
    ],
    [
      "hot pairs with two",
      {
        containers: [
          {
            name: "envoy",
            image: "envoy:2",
            upgradeStrategy: { upgradeType: "HotUpgrade", hotUpgradeEmptyImage: "empty:1" },
          },
        ],
      },
      { upgrades: 20, flips: 20 },
    ],
  ])("follow a change of %s", (_, spec, requests) => {
    const playback = played({ ...spec, updateStrategy: { maxUnavailable: "25%" } });
    expect(outcomeOf(playback)).toBe("complete");
    expect(playback.requests).toMatchObject(requests);
    expect(playback.upgrades.every(({ readyAt }) => readyAt !== undefined)).toBe(true);
    expect(playback.unavailable.mostUpdated).toBeLessThanOrEqual(5);
  });
});
