import { type PromotionGoal, promotionOf } from "../../core/rollout/promotion.ts";
import { podsText } from "../../core/rollout/rolloutSummary.ts";
import {
  changeSidecarSet,
  type NoChange,
  type SetChangeProposal,
  type WriteOptions,
} from "../change/changeSidecarSet.ts";
import { paceText, reachOf, reachText, stoppedAll } from "../change/reach.ts";
import type { StoredSet } from "../change/storedSet.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { commandFor } from "../programName.ts";

interface PromoteOptions extends WriteOptions {
  readonly to?: string;
  readonly full?: boolean;
}

/** Lets more pods of a rollout go: one step, to a share of them, or all. */
export async function promote(name: string, options: PromoteOptions): Promise<void> {
  const goal = goalOf(options);
  await changeSidecarSet(name, options, (stored) => proposal(stored, goal, options));
}

function goalOf({ to, full }: PromoteOptions): PromotionGoal {
  if (to !== undefined && full) throw new CommandError("--to and --full exclude each other", EXIT.usage);
  if (full) return { kind: "full" };
  if (to === undefined) return { kind: "next" };
  if (/^(100|[1-9]?[0-9])%$/.test(to)) return { kind: "to", updated: to };
  if (/^[0-9]{1,9}$/.test(to)) return { kind: "to", updated: Number(to) };
  throw new CommandError(
    `--to "${to}": how many pods may be updated then: a share such as 75%, or a number of pods`,
    EXIT.usage,
  );
}

function proposal(
  { set, spec }: StoredSet,
  goal: PromotionGoal,
  options: PromoteOptions,
): SetChangeProposal | NoChange {
  const reach = reachOf(set);
  const { steps } = (spec.updateStrategy ?? {}) as { readonly steps?: readonly unknown[] };
  const strategy = { ...set.spec.updateStrategy, ...(steps && { steps }) };
  const promotion = promotionOf(strategy, { matched: reach.pods, updated: reach.updated }, goal);
  if (!promotion.ok) {
    const { because, message } = promotion.error;
    if (because === "nothingHeld") return { nothing: message };
    if (because === "wouldHoldBack") throw new CommandError(`--to ${options.to}: ${message}`, EXIT.usage);
    throw new CommandError(`SidecarSet "${set.name}" cannot be promoted: ${message}`);
  }
  const { partition, dropsSelector, released } = promotion.value;
  const { paused } = set.spec.updateStrategy;
  return {
    spec: { updateStrategy: { partition, ...(dropsSelector && { selector: null }) } },
    done: "is promoted",
    wouldBe: "would be promoted",
    effects: [
      `${reachText(set)}; ${released} more may follow${paceText(reach)}`,
      ...(dropsSelector ? ["note: selector and partition change in one patch, so that no other pod is released"] : []),
      ...(partition === 0
        ? []
        : [`${podsText(Math.max(0, reach.pods - reach.updated - released))} stay for a later step`]),
    ],
    warnings: [
      ...(paused ? [`updates of ${set.name} are paused: nothing moves before ${resumed(set.name, options)}`] : []),
      ...stoppedAll(set, options),
    ],
    asks: true,
    takeBack: ["undo", set.name],
  };
}

function resumed(name: string, options: PromoteOptions): string {
  return commandFor(["resume", name], options);
}
