import type { Playback } from "./playForward.ts";

export interface Evenness {
  /** Part of the updated pods that were where an even spread has them, on average over the rollout; 1 is perfectly spread. */
  readonly mean: number;
  /** By how many pods a group was furthest ahead of its share, and which. */
  readonly ahead: { readonly pods: number; readonly group: string };
  readonly groups: number;
}

/**
 * How evenly a rollout went over the scatter groups.
 * @returns undefined when there is nothing to compare: one group, or no upgrade
 */
export function evennessOf({ upgrades, groups }: Pick<Playback, "upgrades" | "groups">): Evenness | undefined {
  if (groups.size < 2 || upgrades.length === 0) return undefined;
  const names = [...groups.keys()];
  const sizes = names.map((name) => groups.get(name)!.pods);
  const updated = names.map((name) => groups.get(name)!.updated);
  const index = new Map(names.map((name, at) => [name, at]));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  let step = updated.reduce((sum, pods) => sum + pods, 0);
  const stride = Math.max(1, Math.ceil((upgrades.length * names.length) / MOST_COMPARISONS));
  let misplaced = 0;
  let looked = 0;
  let ahead = { pods: 0, group: names[0]! };
  for (const [count, { group }] of upgrades.entries()) {
    step++;
    updated[index.get(group)!]!++;
    if (count % stride !== 0) continue;
    looked += step;
    for (const [at, size] of sizes.entries()) {
      const over = updated[at]! - (step * size) / all;
      if (over > 0) misplaced += over;
      if (over > ahead.pods) ahead = { pods: over, group: names[at]! };
    }
  }
  return { mean: 1 - misplaced / looked, ahead, groups: names.length };
}

/** Where there are more, not every step is looked at. */
const MOST_COMPARISONS = 20_000_000;
