import type { Pod } from "../../../src/core/kube/pod.ts";
import { podRecord } from "../../../src/core/pod/podRecord.ts";
import { isRunningAndReady } from "../../../src/core/pod/readiness.ts";
import type { RolloutBook } from "../../../src/core/rollout/rolloutBook.ts";
import type { ScatterTerm, SidecarSet } from "../../../src/core/sidecarSet/sidecarSet.ts";
import type { GoldenCase } from "../goldenCase.ts";
import { NOW } from "./rolloutCase.ts";

/** Our scatter spreads better than the recorded one, so its order is judged by how even it is. */
export function scatters({ features }: GoldenCase): boolean {
  return features.some((feature) => feature.startsWith("scatter"));
}

export interface ScatterScene {
  /** Those that may be upgraded. */
  readonly candidates: ReadonlySet<string>;
  /** All pods of the set. */
  readonly pods: readonly Pod[];
  /** Those that are updated already. */
  readonly updated: ReadonlySet<string>;
  readonly terms: readonly ScatterTerm[];
}

export function sceneOf(book: RolloutBook, pods: readonly Pod[], set: SidecarSet): ScatterScene {
  const verdicts = [...book.verdicts(Date.parse(NOW))].map(([key, verdict]) => ({
    name: key.slice(key.indexOf("/") + 1),
    because: verdict.kind === "upgrade" ? "upgrade" : verdict.because,
  }));
  const named = (...reasons: readonly string[]) =>
    new Set(verdicts.flatMap(({ name, because }) => (reasons.includes(because) ? [name] : [])));
  return {
    pods,
    candidates: named("upgrade", "partition", "maxUnavailable"),
    updated: named("upToDate"),
    terms: set.spec.updateStrategy.scatterStrategy,
  };
}

/**
 * Candidates only; as many as recorded (pods that are not ready are free, so which of them come early decides how many they are);
 * within one pod of an even spread, or at least as even as recorded.
 * @returns what is wrong
 */
export function judgeScatter(
  ours: readonly string[],
  recorded: readonly string[],
  scene: ScatterScene,
): string | undefined {
  const stranger = ours.find((name) => !scene.candidates.has(name));
  if (stranger !== undefined) return `${stranger} is no candidate`;
  const free = scene.pods.some((pod) => scene.candidates.has(pod.metadata.name!) && !isRunningAndReady(podRecord(pod)));
  if (!free && ours.length !== recorded.length) return `ours takes ${ours.length} pods, expected ${recorded.length}`;
  const [own, theirs] = [unevenness(ours, scene), unevenness(recorded, scene)];
  return own < 1 || own <= theirs ? undefined : `ours strays by ${own} pods, expected at most ${theirs}`;
}

/**
 * How far an order of upgrades strays from an even spread: for the label values that the terms name, the largest difference, after
 * any step, between how many updated pods have the value and how many should have by its share of all pods.
 */
function unevenness(order: readonly string[], scene: ScatterScene): number {
  return Math.max(
    0,
    ...expanded(scene).map(({ key, value }) => {
      const matches = (name: string) => labelOf(scene, name, key) === value;
      const share = scene.pods.filter((pod) => matches(pod.metadata.name!)).length / scene.pods.length;
      let total = scene.updated.size;
      let matching = [...scene.updated].filter(matches).length;
      const strays = order.map((name) => {
        total++;
        if (matches(name)) matching++;
        return Math.abs(matching - total * share);
      });
      return Math.max(0, ...strays);
    }),
  );
}

function expanded({ terms, pods }: ScatterScene): readonly { readonly key: string; readonly value: string }[] {
  return terms.flatMap(({ key, value }) => {
    if (value !== undefined && value !== "*") return [{ key, value }];
    const values = pods.flatMap((pod) => pod.metadata.labels?.[key] ?? []);
    return [...new Set(values)].map((each) => ({ key, value: each }));
  });
}

function labelOf({ pods }: ScatterScene, name: string, key: string): string {
  return pods.find((pod) => pod.metadata.name === name)?.metadata.labels?.[key] ?? "";
}
