import type { IntOrPercent } from "../kube/intOrPercent.ts";
import { err, ok, type Result, unreachable } from "../result.ts";
import type { UpdateStrategy } from "../sidecarSet/sidecarSet.ts";
import { partitionOf } from "./budget.ts";

/** How far a rollout is to go: one step further, to a number or share of pods that may be updated, or to all of them. */
export type PromotionGoal =
  | { readonly kind: "next" }
  | { readonly kind: "to"; readonly updated: IntOrPercent }
  | { readonly kind: "full" };

/** What is held back is let go, in one patch. */
export interface Promotion {
  readonly partition: IntOrPercent;
  /** A canary's selector goes with it: the partition is taken of the pods that it selects. */
  readonly dropsSelector: boolean;
  /** Pods that are held no more. */
  readonly released: number;
}

/** Why a rollout cannot go further. */
export interface PromotionRefusal {
  readonly because: "nothingHeld" | "notUpdateStrategy" | "stagedBySteps" | "wouldHoldBack" | "unreadableStrategy";
  /** Names the field, its value and what to do. */
  readonly message: string;
}

/** Pods on the old revision at each step that has no name of its own. */
const STEPS: readonly IntOrPercent[] = ["90%", "75%", "50%", "25%", 0];
/** Percentages are compared on so many pods where there are none. */
const NOMINAL_PODS = 100;

/**
 * The strategy that lets more pods go. The next step is the first of 10 %, 25 %, 50 %, 75 % and 100 % updated that releases at least
 * one pod more; a partition in pods stays one in pods. A selector is dropped in the same patch that sets the partition, for without it
 * every pod would be released at once.
 * @param pods the set's pods, and those among them that are updated
 */
export function promotionOf(
  strategy: UpdateStrategy & { readonly steps?: readonly unknown[] },
  pods: { readonly matched: number; readonly updated: number },
  goal: PromotionGoal,
): Result<Promotion, PromotionRefusal> {
  const refusal = refusalOf(strategy);
  if (refusal) return err(refusal);
  const total = pods.matched || NOMINAL_PODS;
  const old = pods.matched === 0 ? total : pods.matched - pods.updated;
  const present = partitionOf(strategy.partition, total);
  if (!present.ok) {
    return err({ because: "unreadableStrategy", message: `spec.updateStrategy.${present.error}; mend it first` });
  }
  // Behind a selector nothing else is released: what is not updated is held.
  const held = strategy.selector ? old : Math.min(present.value, old);
  const isHeld = strategy.selector !== undefined || present.value > 0;
  if (!isHeld) {
    const message = "holds nothing back: updateStrategy has neither a selector nor a partition above 0";
    return err({ because: "nothingHeld", message });
  }
  const target = targetOf(strategy, { total, held }, goal);
  const kept = partitionOf(target, total);
  if (!kept.ok) return err({ because: "unreadableStrategy", message: kept.error });
  if (goal.kind === "to" && (strategy.selector ? kept.value > old : kept.value > present.value)) {
    const now = `${total - (strategy.selector ? old : present.value)} of ${total} pods`;
    const message = `${now} are released already, and promote only goes forward; name more than that`;
    return err({ because: "wouldHoldBack", message });
  }
  const released = pods.matched === 0 ? 0 : Math.max(0, held - kept.value);
  return ok({ partition: target, dropsSelector: strategy.selector !== undefined, released });
}

function refusalOf({ type, steps = [] }: Parameters<typeof promotionOf>[0]): PromotionRefusal | undefined {
  if (type === "NotUpdate") {
    const message = "spec.updateStrategy.type is NotUpdate: no pod is upgraded in place; set it to RollingUpdate first";
    return { because: "notUpdateStrategy", message };
  }
  if (steps.length === 0) return undefined;
  const message = `spec.updateStrategy.steps has ${steps.length} steps, which are not acted upon yet; use a partition instead of them`;
  return { because: "stagedBySteps", message };
}

function targetOf(
  { partition }: UpdateStrategy,
  { total, held }: { readonly total: number; readonly held: number },
  goal: PromotionGoal,
): IntOrPercent {
  switch (goal.kind) {
    case "full":
      return 0;
    case "to":
      return complement(goal.updated, total);
    case "next": {
      const next = STEPS.find((step) => keptBy(step, total) < held) ?? 0;
      return typeof partition === "number" && partition > 0 ? keptBy(next, total) : next;
    }
    default:
      return unreachable(goal);
  }
}

/** 75 % updated are 25 % kept. */
function complement(updated: IntOrPercent, total: number): IntOrPercent {
  if (typeof updated === "number") return Math.max(0, total - updated);
  const kept = 100 - Number(updated.slice(0, -1));
  return kept <= 0 ? 0 : `${kept}%`;
}

function keptBy(partition: IntOrPercent, total: number): number {
  const kept = partitionOf(partition, total);
  return kept.ok ? kept.value : 0;
}
