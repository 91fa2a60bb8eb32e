import type { ExplainedPod } from "./commands.ts";
import { explainInjection } from "./explainInjection.ts";
import { explainUpdate } from "./explainUpdate.ts";
import type { SetExplanation } from "./explanation.ts";
import type { OpenedSet, World } from "./world.ts";

export type { ExplainedPod, Workload } from "./commands.ts";
export { type OpenedSet, openSet, refusalKey, refusedUpgrades, type World } from "./world.ts";

/**
 * One pod and every SidecarSet that is asked about.
 * @param opened each SidecarSet once, however many pods are asked about; see {@link openSet}
 */
export function explainPod(pod: ExplainedPod, opened: readonly OpenedSet[], world: World): readonly SetExplanation[] {
  return opened.map((each) => explainFor(pod, each, world));
}

function explainFor(pod: ExplainedPod, opened: OpenedSet, world: World): SetExplanation {
  const update = explainUpdate(pod, opened, world);
  return {
    sidecarSet: opened.set.name,
    injection: explainInjection(pod, opened, world),
    ...(update && { update }),
  };
}
