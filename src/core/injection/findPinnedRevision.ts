import type { ControllerRevision } from "../kube/object.ts";
import { err, ok, type Result } from "../result.ts";
import { CUSTOM_VERSION_LABEL } from "../sidecarSet/annotations.ts";
import { byAge, ownRevisions, pinnedRevisionOf } from "../sidecarSet/pinnedRevision.ts";
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
  const wanted = revisionName ?? customVersion ?? "";
  const field = `spec.injectionStrategy.revision.${revisionName === undefined ? "customVersion" : "revisionName"}`;
  if (pinned === undefined) {
    const instead = otherPin(set, revisions, revisionName === undefined);
    const message = `SidecarSet ${set.name} has no revision "${wanted}"; ${instead}`;
    return err(rejection(set.name, field, message));
  }
  const restored = restoreRevision(set, pinned);
  if (restored.ok) return ok(restored.value);
  const message = `revision "${wanted}" cannot be read (${restored.error}); pin another one, or remove the pin`;
  return err(rejection(set.name, field, message));
}

const MOST_NAMED = 5;

/** What to do instead; revisions that could be pinned come newest first. */
function otherPin(set: SidecarSet, revisions: readonly ControllerRevision[], byCustomVersion: boolean): string {
  const pins = ownRevisions(set, revisions)
    .sort((one, other) => byAge(other, one))
    .map(({ metadata }) => (byCustomVersion ? metadata.labels?.[CUSTOM_VERSION_LABEL] : metadata.name))
    .filter((pin) => pin !== undefined);
  const named = [...new Set(pins)].slice(0, MOST_NAMED).map((pin) => `"${pin}"`);
  return named.length === 0 ? "remove the pin" : `pin ${named.join(" or ")}, or remove the pin`;
}
