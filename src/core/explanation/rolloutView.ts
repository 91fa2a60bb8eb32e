import type { ControllerRevision } from "../kube/object.ts";
import type { BookEntry } from "../rollout/bookEntry.ts";
import type { RolloutRules } from "../rollout/rolloutRules.ts";
import { QUEUED } from "../rollout/rolloutSummary.ts";
import type { RolloutStatus } from "../rollout/status.ts";
import type { IntOrPercent, SidecarSet, SidecarSetStatus } from "../sidecarSet/sidecarSet.ts";
import type { BudgetUse, PastRollout, Phase } from "../sidecarSet/sidecarSetStatus.ts";
import { selectorText } from "./injectionChecks.ts";
import { holder } from "./podState.ts";
import { isAboutInjection, reasonName } from "./reasonNames.ts";

/** How a rollout stands: what `get` and `status` show. Docs: docs/reference/rollout-view.md. */
export interface RolloutView {
  readonly sidecarSet: string;
  readonly generation: number;
  /** `NotObserved`: no manager has looked at the present generation. */
  readonly phase: Phase | "NotObserved";
  readonly reason: string;
  readonly message: string;
  /** RFC 3339; since when it is in this phase. */
  readonly since?: string;
  readonly createdAt?: string;
  readonly revision: string;
  /** `logtail: 1.0.0 -> 1.0.1` */
  readonly change: string;
  readonly images: Readonly<Record<string, string>>;
  readonly strategy: StrategyView;
  readonly pods: PodsView;
  /** What the strategy lets go. */
  readonly step: { readonly pods: number; readonly updated: number; readonly ready: number };
  readonly wave: number;
  /** Absent while the strategy cannot be read. */
  readonly budget?: BudgetUse;
  readonly waiting: readonly WaitingView[];
  readonly history: readonly PastRollout[];
  /** By the revision that pods carry, the newest first; absent where pods were not looked at. */
  readonly revisions?: readonly RevisionView[];
}

interface StrategyView {
  readonly type: string;
  readonly paused: boolean;
  readonly maxUnavailable: IntOrPercent;
  readonly partition: IntOrPercent;
  readonly selector?: string;
  readonly scatter: readonly string[];
}

interface PodsView {
  /** Active pods that the selectors choose … */
  readonly selected: number;
  /** … those of them that have the sidecars … */
  readonly matched: number;
  readonly updated: number;
  readonly updatedReady: number;
  readonly ready: number;
  readonly queued: number;
  readonly held: number;
  readonly stuck: number;
}

interface WaitingView {
  readonly code: string;
  readonly because: string;
  /** Why pods have no sidecars, or why those that have them are not updated. */
  readonly about: "injection" | "update";
  readonly pods: number;
  readonly examples: readonly string[];
}

export interface RevisionView {
  /** Empty: the pods' records name none. */
  readonly revision: string;
  readonly number?: number;
  readonly newest: boolean;
  readonly pods: number;
  readonly ready: number;
  /** Upgraded and not available yet, and what they do; those that do not get on come first. */
  readonly unavailable: readonly UnavailableView[];
}

interface UnavailableView {
  readonly pod: string;
  readonly state: string;
  readonly stuck: boolean;
  readonly forSeconds?: number;
}

/** A set's pods as a book knows them. */
export interface ViewedPods {
  /** Computed for them now; undefined: no revision is recorded yet. */
  readonly status: RolloutStatus | undefined;
  readonly entries: Iterable<Readonly<BookEntry>>;
  readonly rules: RolloutRules;
  readonly revisions: Iterable<ControllerRevision>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** @param viewed left out: only what a manager has written into the status */
export function rolloutView(set: SidecarSet, viewed?: ViewedPods): RolloutView {
  const isObserved = set.status.observedGeneration === set.generation;
  const status: SidecarSetStatus | RolloutStatus = (isObserved ? viewed?.status : undefined) ?? set.status;
  const counted: SidecarSetStatus | RolloutStatus = viewed?.status ?? set.status;
  const { rollout } = status;
  const progressing = status.conditions?.find(({ type }) => type === "Progressing");
  const { updateStrategy } = set.spec;
  const waiting = (counted.waiting ?? []).map(({ code, count, examples }) => ({
    code,
    because: reasonName(code),
    about: isAboutInjection(code) ? ("injection" as const) : ("update" as const),
    pods: count,
    examples,
  }));
  const held = counted.heldPods ?? 0;
  const matched = counted.matchedPods ?? 0;
  return {
    sidecarSet: set.name,
    generation: set.generation,
    phase: isObserved && rollout ? (rollout.phase as Phase) : "NotObserved",
    reason: isObserved && rollout ? rollout.reason : "NotObserved",
    message: isObserved
      ? (progressing?.message ?? "")
      : `generation ${set.generation} has not been looked at yet; is a manager running?`,
    ...(isObserved && rollout && { since: rollout.since }),
    ...(set.createdAt !== undefined && { createdAt: new Date(set.createdAt).toISOString() }),
    revision: status.latestRevision ?? "",
    change: status.history?.[0]?.change ?? "",
    images: Object.fromEntries(
      [...(set.spec.containers ?? []), ...(set.spec.initContainers ?? [])].map(({ name, image = "" }) => [name, image]),
    ),
    strategy: {
      type: updateStrategy.type,
      paused: updateStrategy.paused,
      maxUnavailable: updateStrategy.maxUnavailable,
      partition: updateStrategy.partition,
      ...(updateStrategy.selector && { selector: selectorText(updateStrategy.selector) }),
      scatter: updateStrategy.scatterStrategy.map(({ key, value }) => (value === undefined ? key : `${key}=${value}`)),
    },
    pods: {
      selected: counted.selectedPods ?? matched,
      matched,
      updated: counted.updatedPods ?? 0,
      updatedReady: counted.updatedReadyPods ?? 0,
      ready: counted.readyPods ?? 0,
      queued: sum(waiting, QUEUED),
      held,
      stuck: counted.stuckPods ?? 0,
    },
    step: {
      pods: Math.max(counted.updatedPods ?? 0, matched - held),
      updated: counted.updatedPods ?? 0,
      ready: counted.updatedReadyPods ?? 0,
    },
    wave: rollout?.wave ?? 0,
    ...(counted.budget && { budget: counted.budget }),
    waiting,
    history: status.history ?? [],
    ...(viewed && { revisions: revisionsOf(viewed, counted.latestRevision ?? "") }),
  };
}

function sum(waiting: readonly WaitingView[], codes: readonly string[]): number {
  return waiting.reduce((all, { code, pods }) => all + (codes.includes(code) ? pods : 0), 0);
}

function revisionsOf({ entries, rules, revisions, now }: ViewedPods, latest: string): readonly RevisionView[] {
  const numbers = new Map([...revisions].map(({ metadata, revision }) => [metadata.name ?? "", revision]));
  const groups = new Map<string, { newest: boolean; pods: number; ready: number; down: Readonly<BookEntry>[] }>();
  for (const entry of entries) {
    const { judgement, available } = entry;
    if (!judgement.counts) continue;
    const name = judgement.updated ? latest : judgement.revision;
    const known = groups.get(name) ?? { newest: judgement.updated, pods: 0, ready: 0, down: [] };
    known.newest ||= judgement.updated;
    known.pods++;
    if (available) known.ready++;
    else known.down.push(entry);
    groups.set(name, known);
  }
  return [...groups]
    .map(([revision, { newest, pods, ready, down }]): RevisionView => {
      const number = numbers.get(revision);
      const unavailable = down.map((entry) => holder(entry, rules, now)).sort(troubleFirst);
      return {
        revision,
        ...(number !== undefined && { number }),
        newest,
        pods,
        ready,
        unavailable: unavailable.map(({ failing: _, ...view }) => view),
      };
    })
    .sort((one, other) => Number(other.newest) - Number(one.newest) || (other.number ?? 0) - (one.number ?? 0));
}

function troubleFirst(one: UnavailableView, other: UnavailableView): number {
  return (
    Number(other.stuck) - Number(one.stuck) ||
    (other.forSeconds ?? 0) - (one.forSeconds ?? 0) ||
    (one.pod < other.pod ? -1 : 1)
  );
}
