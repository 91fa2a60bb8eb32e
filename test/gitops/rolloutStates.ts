import type { JsonObject } from "../../src/core/kube/object.ts";
import { type StoredSet, StoryCluster } from "../stories/storyCluster.ts";

/** A state that a rollout can be in, and what tools that look at objects from outside make of it. */
export interface RolloutState {
  readonly name: string;
  /** Brings the cluster there; it has eight pods with `logtail:1.0.0` before. */
  readonly reach: (story: StoryCluster) => Promise<unknown>;
  readonly strategy?: JsonObject;
  readonly argocd: { readonly status: string; readonly message: RegExp };
  /** The same for the object as OpenKruise would have left it: counters and no conditions. */
  readonly argocdWithoutConditions?: { readonly status: string; readonly message: RegExp };
  readonly kstatus: "Current" | "InProgress" | "Failed";
}

const NEW = "logtail:1.0.1";
const BROKEN = "logtail:missing";

export const ROLLOUT_STATES: readonly RolloutState[] = [
  {
    name: "complete",
    reach: (story) => story.quiet(),
    argocd: { status: "Healthy", message: /^8\/8 updated$/ },
    argocdWithoutConditions: { status: "Healthy", message: /^8\/8 updated$/ },
    kstatus: "Current",
  },
  {
    name: "changed, and not looked at yet",
    reach: async (story) => {
      story.stopController();
      await story.setImage(NEW);
    },
    argocd: { status: "Progressing", message: /look at generation 2$/ },
    argocdWithoutConditions: { status: "Progressing", message: /look at generation 2$/ },
    kstatus: "InProgress",
  },
  {
    name: "on its way",
    strategy: { maxUnavailable: 2 },
    reach: async (story) => {
      await story.setImage(NEW);
      await story.until(async () => ((await story.set()).status?.updatedPods ?? 8) % 8 !== 0);
    },
    argocd: { status: "Progressing", message: /^[1-7]\/8 updated, \d of them ready$/ },
    argocdWithoutConditions: { status: "Progressing", message: /^[1-7]\/8 updated, \d of them ready$/ },
    kstatus: "InProgress",
  },
  {
    name: "blocked by an image that does not come up",
    strategy: { maxUnavailable: 2 },
    reach: async (story) => {
      await story.setImage(BROKEN);
      await story.clock.advance(60_000);
    },
    argocd: { status: "Degraded", message: /^BudgetExhausted: .*ns-1\/web-\d\d/ },
    argocdWithoutConditions: { status: "Progressing", message: /^2\/8 updated, 0 of them ready$/ },
    kstatus: "Failed",
  },
  {
    name: "paused",
    strategy: { paused: true },
    reach: async (story) => {
      await story.setImage(NEW);
      await story.quiet();
    },
    argocd: { status: "Suspended", message: /^Update paused at 0\/8$/ },
    argocdWithoutConditions: { status: "Suspended", message: /^Update paused at 0\/8$/ },
    kstatus: "Current",
  },
  {
    name: "of type NotUpdate",
    strategy: { type: "NotUpdate" },
    reach: async (story) => {
      await story.setImage(NEW);
      await story.quiet();
    },
    argocd: { status: "Healthy", message: /^Injection only$/ },
    argocdWithoutConditions: { status: "Healthy", message: /^Injection only$/ },
    kstatus: "Current",
  },
  {
    name: "held by a partition",
    strategy: { partition: "50%" },
    reach: async (story) => {
      await story.setImage(NEW);
      await story.quiet();
    },
    argocd: { status: "Suspended", message: /^Held at 4\/8$/ },
    argocdWithoutConditions: { status: "Suspended", message: /^Held at 4\/8$/ },
    kstatus: "Current",
  },
  {
    name: "held by an update selector",
    strategy: { selector: { matchLabels: { canary: "yes" } } },
    reach: async (story) => {
      await story.createPods(2, { canary: "yes" }, "canary");
      await story.setImage(NEW);
      await story.quiet();
    },
    argocd: { status: "Suspended", message: /^Held at 2\/10$/ },
    argocdWithoutConditions: { status: "Suspended", message: /^Held at 2\/10$/ },
    kstatus: "Current",
  },
];

/** The set as it is stored in that state. */
export async function storedIn({ reach, strategy = {} }: RolloutState): Promise<StoredSet> {
  const story = await StoryCluster.start();
  try {
    await story.apply({ updateStrategy: strategy });
    await story.createPods(8);
    await story.quiet();
    await reach(story);
    return await story.set();
  } finally {
    story.stop();
  }
}
