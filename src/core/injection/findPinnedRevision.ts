import type { ControllerRevision } from "../kube/object.ts";
import { err, ok, type Result } from "../result.ts";
import { pinnedRevisionOf } from "../sidecarSet/pinnedRevision.ts";
import { restoreRevision } from "../sidecarSet/revision.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { type InjectionError, rejection } from "./injectionReason.ts";

/** The set with the template that its injection strategy pins, by the revision's name or else by its custom version. */
export function findPinnedRevision(
  set: SidecarSet,
  revisions: readonly ControllerRevision[],
): Result<SidecarSet, InjectionError> {
  const { revisionName, customVersion } = set.spec.injectionStrategy.revision ?? {};
  const pinned = pinnedRevisionOf(set, revisions);
  const field = `spec.injectionStrategy.revision.${revisionName === undefined ? "customVersion" : "revisionName"}`;
  if (pinned === undefined) {
    const message = `SidecarSet ${set.name} has no revision "${revisionName ?? customVersion}"`;
    return err(rejection(set.name, field, message));
  }
  const restored = restoreRevision(set, pinned);
  if (restored.ok) return ok(restored.value);
  return err(rejection(set.name, field, `revision ${pinned.metadata.name} cannot be read: ${restored.error}`));
}
