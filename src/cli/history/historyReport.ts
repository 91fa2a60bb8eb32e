import type { ControllerRevision } from "../../core/kube/object.ts";
import { parseHashRecord } from "../../core/pod/hashRecord.ts";
import type { PodRecord } from "../../core/pod/podRecord.ts";
import { isActive } from "../../core/pod/readiness.ts";
import { HASH_ANNOTATION } from "../../core/sidecarSet/annotations.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";

/** What `sidecarset history -o json` prints; within v1 fields are only added. Described in docs/reference/cli.md. */
export interface HistoryReport {
  readonly apiVersion: "cli.sidecarset/v1";
  readonly kind: "RolloutHistory";
  /** RFC 3339. */
  readonly generatedAt: string;
  readonly sidecarSet: string;
  /** Active pods that carry the SidecarSet. */
  readonly pods: number;
  /** The newest first: rollouts that the status tells of, then stored revisions of before. */
  readonly rollouts: readonly PastRolloutReport[];
}

export interface PastRolloutReport {
  /** Null: it is not stored any more, or may not be read, or was released again and has another number since. */
  readonly revision: number | null;
  readonly name: string;
  /** Pods that carry it now; told once, where a revision was released several times. */
  readonly pods: number | null;
  /** As in status.history; absent for a revision that it does not tell of. */
  readonly result?: string;
  readonly change?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly by?: string;
  readonly cause?: string;
}

export interface HistoryInput {
  readonly set: SidecarSet;
  /** The oldest first. */
  readonly revisions: readonly ControllerRevision[];
  readonly pods: readonly PodRecord[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function historyReport({ set, revisions, pods, now }: HistoryInput): HistoryReport {
  const numbers = new Map(revisions.map(({ metadata, revision }) => [metadata.name ?? "", revision]));
  const carried = podsByRevision(set.name, revisions, pods);
  const told = new Set<string>();
  const podsOf = (name: string): number | null => {
    if (told.has(name)) return null;
    told.add(name);
    return carried.get(name) ?? 0;
  };
  const known = (set.status.history ?? []).map(({ revision: name, ...rest }) => ({
    revision: told.has(name) ? null : (numbers.get(name) ?? null),
    name,
    pods: podsOf(name),
    ...rest,
  }));
  const older = revisions
    .toReversed()
    .filter(({ metadata }) => !told.has(metadata.name ?? ""))
    .map(({ metadata, revision }) => ({
      revision,
      name: metadata.name ?? "",
      pods: podsOf(metadata.name ?? ""),
      ...(metadata.creationTimestamp && { startedAt: metadata.creationTimestamp }),
    }));
  return {
    apiVersion: "cli.sidecarset/v1",
    kind: "RolloutHistory",
    generatedAt: new Date(now).toISOString(),
    sidecarSet: set.name,
    pods: [...carried.values()].reduce((sum, count) => sum + count, 0),
    rollouts: [...known, ...older],
  };
}

/** Old records do not name their revision: the hash tells it. */
function podsByRevision(
  sidecarSet: string,
  revisions: readonly ControllerRevision[],
  pods: readonly PodRecord[],
): ReadonlyMap<string, number> {
  const byHash = new Map(
    revisions.map(({ metadata }) => [metadata.annotations?.[HASH_ANNOTATION] ?? "", metadata.name ?? ""]),
  );
  const counts = new Map<string, number>();
  for (const pod of pods.filter(isActive)) {
    const entry = parseHashRecord(pod.annotations[HASH_ANNOTATION]).entries.get(sidecarSet);
    if (!entry) continue;
    const name = byHash.get(entry.hash) ?? entry.controllerRevision;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
