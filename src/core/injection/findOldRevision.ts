import type { ControllerRevision } from "../kube/object.ts";
import { HASH_ANNOTATION } from "../sidecarSet/annotations.ts";
import { byAge, ownRevisions } from "../sidecarSet/pinnedRevision.ts";
import { restoreRevision } from "../sidecarSet/revision.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { PodsByHash } from "./carriedRevisions.ts";

/**
 * The set with the template that a rollout comes from: of the stored revisions that differ from the newest the one that most pods
 * carry, and of equals the later one. Revisions that cannot be read are passed over.
 * @param carried by all pods of the set; empty when nothing is known of them
 */
export function findOldRevision(
  set: SidecarSet,
  revisions: readonly ControllerRevision[],
  carried: PodsByHash,
): SidecarSet | undefined {
  const candidates = ownRevisions(set, revisions)
    .map((revision) => ({ revision, hash: hashOf(set, revision) }))
    .filter(({ hash }) => hash !== undefined && hash !== set.annotations[HASH_ANNOTATION])
    .map(({ revision, hash = "" }) => ({ revision, pods: carried.get(hash) ?? 0 }))
    .sort((one, other) => other.pods - one.pods || byAge(other.revision, one.revision));
  for (const { revision } of candidates) {
    const restored = restoreRevision(set, revision);
    if (restored.ok) return restored.value;
  }
  return undefined;
}

/** Only old revisions do not say it. */
function hashOf(set: SidecarSet, revision: ControllerRevision): string | undefined {
  const recorded = revision.metadata.annotations?.[HASH_ANNOTATION];
  if (recorded) return recorded;
  const restored = restoreRevision(set, revision);
  return restored.ok ? restored.value.annotations[HASH_ANNOTATION] : undefined;
}
