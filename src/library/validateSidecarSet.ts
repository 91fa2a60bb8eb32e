import type { ControllerRevision } from "../core/kube/object.ts";
import type { FieldError } from "../core/result.ts";
import type { SidecarSetManifest } from "../core/sidecarSet/generated/sidecarSetManifest.ts";
import * as core from "../core/sidecarSet/validateSidecarSet.ts";
import type { MetadataRules } from "../core/sidecarSet/validation/proposal.ts";
import { compileGoPattern } from "../webhook/goPattern.ts";
import { readRevisions, readSidecarSets, type SidecarSetInput } from "./readGiven.ts";

export interface ValidationRequest {
  /** What someone wants to store, of either API version. */
  readonly sidecarSet: SidecarSetManifest | object;
  /** What it replaces: rules about changes apply, and what OpenKruise has let pass before is let pass again. */
  readonly old?: SidecarSetManifest | object;
  /** The other SidecarSets of the cluster: two that can meet in one pod must not conflict. */
  readonly existing?: readonly SidecarSetInput[];
  /** The ControllerRevisions of the system namespace. Unless these and `existing` are given, a pin or a base may name what is not here. */
  readonly revisions?: readonly ControllerRevision[];
  /** What `patchPodMetadata` may write; absent: everything. */
  readonly metadataRules?: MetadataRules;
}

/** Everything that admission would refuse about a SidecarSet, at once; an empty list when it may be stored. */
export function validateSidecarSet(request: ValidationRequest): readonly FieldError[] {
  const existing = readSidecarSets(request.existing ?? [], "existing");
  const revisions = readRevisions(request.revisions ?? [], "revisions");
  if (!existing.ok) return existing.error;
  if (!revisions.ok) return revisions.error;
  return core.validateSidecarSet({
    sidecarSet: request.sidecarSet,
    old: request.old,
    existing: existing.value,
    revisions: revisions.value,
    offline: request.existing === undefined || request.revisions === undefined,
    metadataRules: request.metadataRules ?? { allowedByDefault: true },
    compilePattern: compileGoPattern,
  });
}
