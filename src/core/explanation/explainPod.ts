import type { ExplainedPod } from "./commands.ts";
import { explainInjection } from "./explainInjection.ts";
import { explainUpdate } from "./explainUpdate.ts";
import type { SetExplanation } from "./explanation.ts";
import { type OpenedSet, openSet, type World } from "./world.ts";

export type { ExplainedPod, Workload } from "./commands.ts";
export type { World } from "./world.ts";

/**
 * Answers for pods of one moment: each SidecarSet is opened once, however many pods are asked about.
 * @param sets of whom something is asked; left out: all of the world
 */
export function explainer(world: World, sets = world.sidecarSets): (pod: ExplainedPod) => readonly SetExplanation[] {
  let opened: readonly OpenedSet[] | undefined;
  return (pod) => {
    opened ??= sets.map((set) => openSet(set, world));
    return opened.map((each) => explainFor(pod, each, world));
  };
}

function explainFor(pod: ExplainedPod, opened: OpenedSet, world: World): SetExplanation {
  const update = explainUpdate(pod, opened, world);
  return {
    sidecarSet: opened.set.name,
    injection: explainInjection(pod, opened, world),
    ...(update && { update }),
  };
}
