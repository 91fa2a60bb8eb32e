import type { JsonPatch } from "../kube/jsonPatch.ts";
import type { Labels } from "../kube/labelSelector.ts";
import type { ControllerRevision } from "../kube/object.ts";
import type { CompilePattern } from "../kube/pattern.ts";
import { type PodRecord, podKey } from "../pod/podRecord.ts";
import type { BookEntry } from "../rollout/bookEntry.ts";
import { openBook } from "../rollout/planRollout.ts";
import { type RolloutRules, rolloutRules } from "../rollout/rolloutRules.ts";
import type { RolloutStatus } from "../rollout/status.ts";
import { REASON_CODES, type Verdict } from "../rollout/verdict.ts";
import { canaryBaseOf } from "../sidecarSet/canary.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { BudgetUse } from "../sidecarSet/sidecarSetStatus.ts";
import type { StopSwitches } from "../sidecarSet/stopSwitches.ts";

/** Everything that decides about a pod, at one moment. */
export interface World {
  readonly sidecarSets: readonly SidecarSet[];
  /** All pods of the cluster, or at least those that the sets may select. */
  readonly pods: readonly PodRecord[];
  /** Labels of every namespace by its name. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** Those of the system namespace. */
  readonly revisions: readonly ControllerRevision[];
  readonly switches: StopSwitches;
  readonly systemNamespace: string;
  /** Namespaces that are never injected. */
  readonly excludedNamespaces: readonly string[];
  /** Who upgrades pods; undefined: nobody can tell. */
  readonly leader: Leader | undefined;
  /** For the container name patterns of resource policies. */
  readonly compilePattern: CompilePattern;
  /** What the API server said when it was asked about an upgrade that a manager reports as refused: by {@link refusalKey}. */
  readonly refusals?: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What the Lease of the managers says. */
interface Leader {
  /** Empty: nobody leads. */
  readonly holder: string;
  /** By its own clock. */
  readonly renewedSecondsAgo: number;
}

/** One SidecarSet with its pods, opened for a look: the book that a controller keeps. */
export interface OpenedSet {
  readonly set: SidecarSet;
  readonly rules: RolloutRules;
  /** What is known of each selected pod, by its key. */
  readonly entries: ReadonlyMap<string, Readonly<BookEntry>>;
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** As a manager would write it now; undefined: no revision is recorded yet. */
  readonly status: RolloutStatus | undefined;
  /** Undefined: the strategy cannot be read. */
  readonly budget: BudgetUse | undefined;
  /** Name of the revision that pods are brought to; empty: none is recorded yet. */
  readonly target: string;
  /** The write of each pod whose turn has come. */
  readonly upgrades: ReadonlyMap<string, JsonPatch>;
}

export function openSet(set: SidecarSet, world: World): OpenedSet {
  const { pods, namespaces, revisions, now, excludedNamespaces } = world;
  const canaries = new Set(
    world.sidecarSets.filter(({ annotations }) => canaryBaseOf(annotations) === set.name).map(({ name }) => name),
  );
  const surroundings = { excludedNamespaces, canaries };
  const book = openBook({ set, pods, namespaces, surroundings });
  book.stopUpdates(world.switches.updates);
  const plan = book.plan({ revisions, collisionCount: set.status.collisionCount ?? 0, now });
  return {
    set,
    rules: rolloutRules(set, surroundings),
    entries: new Map([...book.pods(now)].map((entry) => [podKey(entry.pod), entry])),
    verdicts: book.verdicts(now, revisions),
    status: plan.status,
    budget: plan.budget,
    upgrades: new Map(
      plan.actions.flatMap((action) =>
        action.kind === "upgradePod" ? [[podKey(action.pod), action.operations] as const] : [],
      ),
    ),
    target: plan.status?.latestRevision ?? set.status.latestRevision ?? "",
  };
}

/** Upgrades whose turn has come, and that a manager reports as refused: only the API server can say why. */
export function refusedUpgrades({ set, upgrades }: OpenedSet): ReadonlyMap<string, JsonPatch> {
  const refused = set.status.waiting?.find(({ code }) => code === REASON_CODES.writeRefused);
  if (!refused) return new Map();
  // A status names but a few of them.
  const isNamed = (pod: string) => refused.count > refused.examples.length || refused.examples.includes(pod);
  return new Map([...upgrades].filter(([pod]) => isNamed(pod)));
}

export function refusalKey(set: Pick<SidecarSet, "name">, pod: string): string {
  return `${set.name} ${pod}`;
}
