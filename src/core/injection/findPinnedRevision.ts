import { compareUtf8 } from "../kube/goJson.ts";
import type { ControllerRevision } from "../kube/object.ts";
import { err, ok, type Result } from "../result.ts";
import {
  CUSTOM_VERSION_LABEL,
  HASH_ANNOTATION,
  HASH_WITHOUT_IMAGE_ANNOTATION,
  SIDECAR_SET_NAME_LABEL,
} from "../sidecarSet/annotations.ts";
import { sidecarSetHashes } from "../sidecarSet/hash.ts";
import { restoreRevision } from "../sidecarSet/revision.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { ChosenRevision } from "./chooseRevision.ts";
import { type InjectionError, injectionReason, rejection } from "./injectionReason.ts";

/**
 * The revision that the injection strategy pins, by its name or else by its custom version. Its hashes are those it was stored with;
 * a revision from before they were stored gets them computed.
 */
export function findPinnedRevision(
  set: SidecarSet,
  revisions: readonly ControllerRevision[],
): Result<ChosenRevision, InjectionError> {
  const { revisionName, customVersion } = set.spec.injectionStrategy.revision ?? {};
  const own = revisions.filter(({ metadata }) => metadata.labels?.[SIDECAR_SET_NAME_LABEL] === set.name);
  const pinned =
    revisionName === undefined
      ? newest(own.filter(({ metadata }) => metadata.labels?.[CUSTOM_VERSION_LABEL] === customVersion))
      : own.find(({ metadata }) => metadata.name === revisionName);
  if (pinned === undefined) {
    const field = `spec.injectionStrategy.revision.${revisionName === undefined ? "customVersion" : "revisionName"}`;
    const message = `SidecarSet ${set.name} has no revision "${revisionName ?? customVersion}"`;
    return err(rejection(set.name, field, message));
  }
  return restored(set, pinned);
}

function restored(set: SidecarSet, revision: ControllerRevision): Result<ChosenRevision, InjectionError> {
  const old = restoreRevision(set, revision);
  const name = revision.metadata.name ?? "";
  if (!old.ok) {
    return err(rejection(set.name, "spec.injectionStrategy.revision", `revision ${name} cannot be read: ${old.error}`));
  }
  const stored = revision.metadata.annotations ?? {};
  const computed = sidecarSetHashes(old.value);
  return ok({
    set: old.value,
    hash: stored[HASH_ANNOTATION] || computed.hash,
    hashWithoutImage: stored[HASH_WITHOUT_IMAGE_ANNOTATION] || computed.hashWithoutImage,
    controllerRevision: name,
    otherRevision: injectionReason("otherRevision", `the injection strategy pins revision ${name}`),
  });
}

/** The greatest revision number; of equal ones the latest, then the one with the greatest name. */
function newest(revisions: readonly ControllerRevision[]): ControllerRevision | undefined {
  return [...revisions].sort(byAge).at(-1);
}

function byAge(left: ControllerRevision, right: ControllerRevision): number {
  return (
    left.revision - right.revision || createdAt(left) - createdAt(right) || compareUtf8(nameOf(left), nameOf(right))
  );
}

function createdAt({ metadata }: ControllerRevision): number {
  return metadata.creationTimestamp ? Date.parse(metadata.creationTimestamp) : 0;
}

function nameOf({ metadata }: ControllerRevision): string {
  return metadata.name ?? "";
}
