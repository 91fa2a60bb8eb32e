import { podKey } from "../pod/podRecord.ts";
import type { BookEntry } from "../rollout/bookEntry.ts";
import { maxUnavailableOf, partitionOf } from "../rollout/budget.ts";
import type { PodFacts } from "../rollout/podFacts.ts";
import type { Because, Verdict } from "../rollout/verdict.ts";
import { STOP_SWITCHES, stopText } from "../sidecarSet/stopSwitches.ts";
import { type ExplainedPod, markPod, patchSidecarSet, recreate, resume, setSwitch, undo } from "./commands.ts";
import type { Check, Holder } from "./explanation.ts";
import { missing, selectorText, shown } from "./injectionChecks.ts";
import type { NOT_OBSERVED } from "./reasonNames.ts";
import { type OpenedSet, refusalKey, refusedUpgrades, type World } from "./world.ts";

/** A reason that keeps a pod on its revision. */
export type Blocker =
  | Exclude<Because, "notInjected" | "upToDate" | "imageOverridden" | "inactivePod">
  | typeof NOT_OBSERVED;

export interface AskedUpdate {
  readonly pod: ExplainedPod;
  readonly facts: PodFacts;
  readonly opened: OpenedSet;
  readonly world: World;
  readonly verdict: Verdict;
  readonly entry: Readonly<BookEntry>;
  /** Of the budget, where the pod waits for it. */
  readonly holders: readonly Holder[];
}

interface UpdateCheck {
  readonly check: string;
  /** Where the check fails the verdict says more. */
  readonly look: (asked: AskedUpdate) => Pick<Check, "observed" | "expected">;
  /** A command after which the reason is gone. */
  readonly fix?: (asked: AskedUpdate) => string | undefined;
  readonly advice?: (asked: AskedUpdate) => string;
}

/** What each check looks at. */
export const LOOKS: Readonly<Record<Blocker, UpdateCheck>> = {
  containerMissing: {
    check: "containers",
    look: ({ facts, opened }) => ({
      observed: facts.missingContainer === undefined ? "all there" : `no container ${facts.missingContainer}`,
      expected: opened.rules.sidecarList.join(", ") || "none",
    }),
    fix: ({ pod }) => recreate(pod),
    advice: () => "recreate the pod; if the container is lost again, look for another webhook that takes it away",
  },
  flipPending: {
    check: "hotUpgrade",
    look: ({ facts, verdict }) => ({
      observed:
        verdict.kind === "wait" && verdict.because === "flipPending"
          ? `both containers of ${verdict.container} have a real image: ${workingOf(facts, verdict.container)}`
          : "no pair is half way",
      expected: "the new container serves, and the old one is emptied",
    }),
    fix: ({ entry, opened, world }) =>
      entry.report.failing === undefined ? undefined : undo(opened.set.name, world.systemNamespace),
    advice: () => "wait until the new container is ready; if its image does not start, go back",
  },
  notUpdateStrategy: {
    check: "updateStrategy.type",
    look: ({ opened }) => ({ observed: opened.set.spec.updateStrategy.type, expected: "RollingUpdate" }),
    fix: ({ opened }) => patchStrategy(opened, { type: "RollingUpdate" }),
    advice: () => "pods of this SidecarSet change only when they are recreated; type RollingUpdate rolls",
  },
  notSelected: {
    check: "updateStrategy.selector",
    look: ({ facts, opened }) => {
      const { selector } = opened.set.spec.updateStrategy;
      return {
        observed: selector === undefined ? "no selector" : shown(selector, facts.pod.labels),
        expected: selector === undefined ? "any pod" : selectorText(selector),
      };
    },
    fix: ({ pod, facts, opened }) => {
      const marks = missing(opened.set.spec.updateStrategy.selector, facts.pod.labels);
      return marks && markPod(pod, "label", marks);
    },
    advice: () => "label the pod, or remove updateStrategy.selector to go on with all pods",
  },
  nonImageChange: {
    check: "inPlace",
    look: ({ verdict }) => ({
      observed:
        verdict.kind === "skip" && verdict.because === "nonImageChange"
          ? `more than the image differs: ${verdict.fields?.join(", ") ?? "the revision that the pod carries is gone"}`
          : "only images differ",
      expected: "only images differ",
    }),
    fix: ({ pod }) => recreate(pod),
    advice: () => "recreate the pod: only images can change in a running one",
  },
  metadataConflict: {
    check: "patchPodMetadata",
    look: ({ verdict }) => ({
      observed:
        verdict.kind === "skip" && verdict.because === "metadataConflict"
          ? `annotation ${verdict.annotation}: ${verdict.problem}`
          : "fits",
      expected: "annotations that take the SidecarSet's patch",
    }),
    fix: ({ pod, verdict }) =>
      verdict.kind === "skip" && verdict.because === "metadataConflict"
        ? markPod(pod, "annotate", { [verdict.annotation]: null })
        : undefined,
    advice: () => "mend the annotation, or remove it: the patch then writes its own",
  },
  previousUpgradeRunning: {
    check: "previousUpgrade",
    look: ({ verdict }) => ({
      observed:
        verdict.kind === "wait" && verdict.because === "previousUpgradeRunning"
          ? `${verdict.container} still runs its image before`
          : "finished",
      expected: "finished",
    }),
    advice: () => "wait for its container to restart; if it lasts, look at the kubelet of its node",
  },
  paused: {
    check: "updateStrategy.paused",
    look: ({ opened: { set } }) => {
      const since = set.status.rollout?.phase === "Paused" ? ` since ${set.status.rollout.since}` : "";
      return { observed: set.spec.updateStrategy.paused ? `paused${since}` : "not paused", expected: "not paused" };
    },
    fix: ({ opened }) => resume(opened.set.name, "update"),
    advice: () => "resume the update",
  },
  updatesStopped: {
    check: "stopSwitch",
    look: ({ world: { switches } }) => ({
      observed: switches.updates ? `updates are ${stopText(switches.updates)}` : "running",
      expected: `running, in ConfigMap ${STOP_SWITCHES}`,
    }),
    fix: ({ world }) => setSwitch(world.systemNamespace, STOP_SWITCHES, { updates: "running" }),
    advice: () => "somebody stopped all updates in place; set the switch back, and everything goes on where it stood",
  },
  writeRefused: {
    check: "write",
    look: (asked) => ({
      observed: refusalOf(asked),
      expected: "the API server and its admission webhooks take the upgrade",
    }),
    advice: () => "the manager's log and `kubectl patch --dry-run=server` have the error; it is tried again every 30 s",
  },
  unreadableStrategy: {
    check: "updateStrategy",
    look: ({ verdict }) => ({
      observed: verdict.kind === "wait" && verdict.because === "unreadableStrategy" ? verdict.message : "readable",
      expected: "amounts that are numbers or percentages",
    }),
    fix: ({ opened }) => {
      const { partition, maxUnavailable } = opened.set.spec.updateStrategy;
      const unreadable = {
        ...(partitionOf(partition, 1).ok ? {} : { partition: null }),
        ...(maxUnavailableOf(maxUnavailable, 1).ok ? {} : { maxUnavailable: null }),
      };
      return patchStrategy(opened, Object.keys(unreadable).length > 0 ? unreadable : { maxUnavailablePerOwner: null });
    },
    advice: () => "write a number or a percentage such as 50%; removed it is its default",
  },
  maxUnavailablePerOwner: {
    check: "maxUnavailablePerOwner",
    look: ({ verdict }) => ({
      observed:
        verdict.kind === "wait" && verdict.because === "maxUnavailablePerOwner"
          ? `${verdict.used} of ${verdict.limit} pods of its workload are unavailable`
          : "its workload has room",
      expected: "fewer than the limit",
    }),
    fix: (asked) => mendHolders(asked, { maxUnavailablePerOwner: null }),
    advice: ({ holders }) => adviceFor(holders),
  },
  partition: {
    check: "partition",
    look: ({ verdict, opened }) => ({
      observed:
        verdict.kind === "wait" && verdict.because === "partition"
          ? `partition ${opened.set.spec.updateStrategy.partition} keeps ${verdict.kept} pods back; rank ${verdict.rank} in the order of upgrades`
          : `released by partition ${opened.set.spec.updateStrategy.partition}`,
      expected: "a rank before those that are kept back",
    }),
    fix: ({ verdict, opened }) =>
      verdict.kind === "wait" && verdict.because === "partition"
        ? patchStrategy(opened, { partition: Math.max(0, waiting(opened) - verdict.rank) })
        : undefined,
    advice: () => "lower the partition; the fix releases the pods up to this one, 0 all of them",
  },
  maxUnavailable: {
    check: "budget",
    look: ({ verdict }) => ({
      observed:
        verdict.kind === "wait" && verdict.because === "maxUnavailable"
          ? `${verdict.used} of ${verdict.limit} allowed pods are unavailable; place ${verdict.place} in the queue`
          : "there is room",
      expected: "fewer unavailable pods than maxUnavailable allows",
    }),
    fix: (asked) =>
      asked.opened.budget?.limit === 0
        ? patchStrategy(asked.opened, { maxUnavailable: 1 })
        : mendHolders(asked, { maxUnavailable: (asked.opened.budget?.used ?? 0) + 1 }),
    advice: ({ holders, opened }) =>
      opened.budget?.limit === 0 ? "maxUnavailable 0 lets no ready pod be updated: 1 or more" : adviceFor(holders),
  },
  notObserved: {
    check: "manager",
    look: ({ opened: { set }, world: { leader } }) => ({
      observed: `generation ${set.generation}, observed ${set.status.observedGeneration ?? "none"}; ${leaderText(leader)}`,
      expected: "a manager that upgrades it now: its turn has come",
    }),
    advice: ({ opened: { set }, world: { leader } }) =>
      leader?.holder === "" || (set.status.observedGeneration ?? 0) < set.generation
        ? "is a manager running? Start it: its Deployment, or sidecarset run"
        : "wait a moment; if it lasts, see the manager's log",
  },
};

function patchStrategy({ set }: OpenedSet, updateStrategy: Parameters<typeof patchSidecarSet>[1]): string {
  return patchSidecarSet(set.name, { updateStrategy });
}

/** Those whose turn is to come, whatever they wait for. */
function waiting({ verdicts }: OpenedSet): number {
  let count = 0;
  for (const verdict of verdicts.values()) {
    if (verdict.kind === "upgrade" || (verdict.kind === "wait" && IN_LINE.has(verdict.because))) count++;
  }
  return count;
}

const IN_LINE: ReadonlySet<string> = new Set<Because>([
  "partition",
  "maxUnavailable",
  "maxUnavailablePerOwner",
  "writeRefused",
]);

/** Going back helps where the image is at fault; else only more room does. Who comes back by itself is waited for. */
function mendHolders(
  { holders, opened, world }: AskedUpdate,
  room: Parameters<typeof patchSidecarSet>[1],
): string | undefined {
  const stuck = holders.filter((holder) => holder.stuck);
  if (stuck.length === 0) return undefined;
  if (stuck.some(({ failing }) => failing)) return undo(opened.set.name, world.systemNamespace);
  return patchStrategy(opened, room);
}

function adviceFor(holders: readonly Holder[]): string {
  const stuck = holders.filter((holder) => holder.stuck);
  if (stuck.length === 0) return "wait: it goes on when one of the pods that hold the budget is ready";
  const named = stuck.slice(0, 3).map(({ pod, state }) => `${pod} (${state})`);
  return `mend the pods that will not get ready: ${named.join(", ")}; or go back, or raise the limit`;
}

function leaderText(leader: World["leader"]): string {
  if (leader === undefined) return "who leads is not known";
  if (leader.holder === "") return "no manager leads";
  return `${leader.holder} leads, its lease renewed ${leader.renewedSecondsAgo} s ago`;
}

function workingOf({ carried }: PodFacts, name: string): string {
  const pair = carried.find(({ kind, sidecar }) => kind === "pair" && sidecar.name === name);
  if (pair?.kind !== "pair") return "";
  const { working, idle } = pair;
  return `${working.name} is to take over from ${idle.name}, ${working.status?.waitingReason ?? (working.status?.ready ? "ready" : "not ready")}`;
}

function refusalOf({ verdict, opened, facts, world }: AskedUpdate): string {
  if (verdict.kind === "wait" && verdict.because === "writeRefused") return verdict.message;
  const key = podKey(facts.pod);
  if (!refusedUpgrades(opened).has(key)) return "nothing refused";
  return world.refusals?.get(refusalKey(opened.set, key)) ?? "a manager reports that its write was refused";
}
