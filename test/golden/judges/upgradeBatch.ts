import type { Json } from "../../../src/core/kube/object.ts";
import type { SidecarSet } from "../../../src/core/sidecarSet/sidecarSet.ts";
import { compare, type Judge } from "../judge.ts";
import { judgeScatter, scatters, sceneOf } from "./evenness.ts";
import { bookOf, matched, NOW, names, parsedSet, planOf, podsOf } from "./rolloutCase.ts";

export const upgradeBatch: Judge = (testCase) => {
  const { input, expected } = testCase;
  const set = parsedSet(input.sidecarSet);
  const pods = matched(podsOf(input), set.name);
  const book = bookOf(set, pods);
  const plan = planOf(book, set);
  const flipPods = [...names(plan, "flipPod")].sort();
  const ungated = withoutGate(set);
  const strategy = bookOf(ungated, pods);
  const ours = {
    gate: gateOf(set, flipPods.length > 0, book.counters.updated >= book.counters.matched),
    notUpgradable: [...strategy.verdicts(Date.parse(NOW))]
      .flatMap(([pod, verdict]) => ("because" in verdict && verdict.because === "nonImageChange" ? [pod] : []))
      .map((key) => key.slice(key.indexOf("/") + 1))
      .sort(),
    upgradePods: names(plan, "upgradePod"),
    ...(flipPods.length > 0 ? { flipPods } : { strategyPods: names(planOf(strategy, ungated), "upgradePod") }),
  };
  if (scatters(testCase) && !("flipPods" in ours)) {
    const scene = sceneOf(strategy, pods, ungated);
    const judged = judgeScatter(ours.strategyPods ?? [], expected.strategyPods as readonly string[], scene);
    if (judged) return { agrees: false, ours, difference: judged };
    const gated = expected.gate === "none" ? ours.strategyPods : [];
    return compare(
      { gate: ours.gate, notUpgradable: ours.notUpgradable, upgradePods: ours.upgradePods },
      {
        gate: expected.gate,
        notUpgradable: [...(expected.notUpgradable as readonly string[])].sort(),
        upgradePods: gated,
      },
    );
  }
  const { strategyPods, strategyPodsStable, upgradePods, ...rest } = expected;
  const recorded = (wave: Json | undefined) => ({
    ...rest,
    notUpgradable: [...(rest.notUpgradable as readonly string[])].sort(),
    // While pairs are flipped nobody asks the strategy.
    ...(flipPods.length > 0 ? {} : { strategyPods: wave }),
    upgradePods: (upgradePods as readonly string[]).length > 0 ? wave : [],
  });
  const stable = compare(ours, recorded(strategyPodsStable ?? strategyPods));
  return stable.agrees ? stable : compare(ours, recorded(strategyPods));
};

function withoutGate(set: SidecarSet): SidecarSet {
  const updateStrategy = { ...set.spec.updateStrategy, type: "RollingUpdate", paused: false } as const;
  return { ...set, spec: { ...set.spec, updateStrategy } };
}

function gateOf(set: SidecarSet, flips: boolean, allUpdated: boolean): string {
  const { type, paused } = set.spec.updateStrategy;
  if (type === "NotUpdate") return "notUpdate";
  if (paused) return "paused";
  if (flips) return "flip";
  return allUpdated ? "allUpdated" : "none";
}
