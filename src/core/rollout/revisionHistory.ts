import { compareUtf8 } from "../kube/goJson.ts";
import { jsonEqual } from "../kube/jsonPatch.ts";
import type { ControllerRevision } from "../kube/object.ts";
import { CUSTOM_VERSION_LABEL } from "../sidecarSet/annotations.ts";
import { revisionData, revisionOf } from "../sidecarSet/revision.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { RevisionAction } from "./rolloutPlan.ts";

export interface RevisionHistory {
  /** Name of the revision that holds the set's present template; undefined: it has to be recorded first. */
  readonly latest: string | undefined;
  readonly actions: readonly RevisionAction[];
}

/**
 * Brings the stored revisions in line with the set: the present template is the newest one, old ones go beyond the limit unless
 * something still needs them.
 * @param isInUse whether a pod names that revision
 */
export function planRevisions(
  set: SidecarSet,
  stored: Iterable<ControllerRevision>,
  options: { readonly collisionCount: number; readonly isInUse: (name: string) => boolean },
): RevisionHistory {
  const history = [...stored].filter((revision) => belongsTo(revision, set)).sort(oldestFirst);
  const newest = history.at(-1);
  const next = (newest?.revision ?? 0) + 1;
  const data = revisionData(set);
  const latest = history.findLast((revision) => jsonEqual(revision.data, data));
  if (!latest) {
    const revision = revisionOf(set, { revision: next, collisionCount: options.collisionCount });
    return { latest: undefined, actions: [{ kind: "recordRevision", revision }] };
  }
  const name = nameOf(latest);
  const { customVersion } = set.spec;
  const actions: RevisionAction[] = [];
  if (latest !== newest) actions.push({ kind: "reorderRevision", name, from: latest.revision, to: next });
  if (customVersion && latest.metadata.labels?.[CUSTOM_VERSION_LABEL] !== customVersion) {
    actions.push({ kind: "labelRevision", name, customVersion });
  }
  const pinned = pinnedRevision(set, history);
  const isKept = (candidate: string) => candidate === name || candidate === pinned || options.isInUse(candidate);
  return { latest: name, actions: [...actions, ...surplus(history, set.spec.revisionHistoryLimit, isKept)] };
}

function belongsTo({ metadata }: ControllerRevision, set: SidecarSet): boolean {
  const controller = metadata.ownerReferences?.find((owner) => owner.controller);
  return controller === undefined || controller.uid === set.uid;
}

function oldestFirst(first: ControllerRevision, second: ControllerRevision): number {
  const byTime = compareUtf8(first.metadata.creationTimestamp ?? "", second.metadata.creationTimestamp ?? "");
  return first.revision - second.revision || byTime || compareUtf8(nameOf(first), nameOf(second));
}

/** The revision that new pods are given on purpose. */
function pinnedRevision(set: SidecarSet, history: readonly ControllerRevision[]): string | undefined {
  const pin = set.spec.injectionStrategy.revision;
  if (!pin) return undefined;
  if (pin.revisionName) return pin.revisionName;
  const aliased = history.findLast(({ metadata }) => metadata.labels?.[CUSTOM_VERSION_LABEL] === pin.customVersion);
  return pin.customVersion && aliased ? nameOf(aliased) : undefined;
}

function surplus(
  history: readonly ControllerRevision[],
  limit: number,
  isKept: (name: string) => boolean,
): readonly RevisionAction[] {
  const excess = Math.max(0, history.length - Math.max(1, limit));
  return history
    .filter((revision) => !isKept(nameOf(revision)))
    .slice(0, excess)
    .map((revision) => ({ kind: "pruneRevision", name: nameOf(revision), uid: revision.metadata.uid ?? "" }));
}

function nameOf(revision: ControllerRevision): string {
  return revision.metadata.name ?? "";
}
