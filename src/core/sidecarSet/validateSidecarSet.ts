import { required } from "../kube/fieldErrors.ts";
import { isJsonObject, type JsonObject } from "../kube/object.ts";
import type { CheckedContainer } from "../kube/podTemplate/container.ts";
import { podTemplateErrors } from "../kube/podTemplate/podTemplate.ts";
import { withoutNulls } from "../kube/shape.ts";
import type { FieldError, Result } from "../result.ts";
import { err, ok } from "../result.ts";
import { withDefaults } from "./defaults.ts";
import { parseSidecarSet } from "./parseSidecarSet.ts";
import type { SidecarSet } from "./sidecarSet.ts";
import { EITHER_VERSION } from "./sidecarSetShape.ts";
import { addedFieldErrors } from "./validation/addedFields.ts";
import { canaryErrors } from "./validation/canary.ts";
import { changeErrors } from "./validation/changes.ts";
import { conflictErrors, hiddenConflictErrors } from "./validation/conflicts.ts";
import { injectionStrategyErrors } from "./validation/injectionStrategy.ts";
import { metadataErrors } from "./validation/metadata.ts";
import { podMetadataErrors } from "./validation/podMetadata.ts";
import type { CheckedMetadata, CheckedSidecarSet, CheckedSpec, Proposal } from "./validation/proposal.ts";
import { selectedLabelErrors } from "./validation/selectedLabels.ts";
import { selectionErrors } from "./validation/selectors.ts";
import { sidecarErrors } from "./validation/sidecars.ts";
import { meaningErrors, newErrors } from "./validation/strictRules.ts";
import { updateStrategyErrors } from "./validation/updateStrategy.ts";

/**
 * Everything that is wrong with a SidecarSet that someone wants to create or change, at once; nothing when it may be stored.
 * An old object that cannot be read is no reason to refuse the new one.
 */
export function validateSidecarSet(proposal: Proposal): FieldError[] {
  const checked = readChecked(proposal.sidecarSet);
  if (!checked.ok) return checked.error;
  const old = proposal.old === undefined ? undefined : readChecked(proposal.old);
  return errorsOf(checked.value, old?.ok ? old.value : undefined, proposal);
}

function errorsOf(checked: CheckedSidecarSet, old: CheckedSidecarSet | undefined, proposal: Proposal): FieldError[] {
  const { set, spec, metadata } = checked;
  return [
    ...metadataErrors(metadata),
    ...canaryErrors(set, old?.set, proposal),
    ...selectionErrors(checked),
    ...(spec.updateStrategy.type === "RollingUpdate" ? updateStrategyErrors(set) : []),
    ...injectionStrategyErrors(checked, proposal),
    ...addedFieldErrors(spec),
    ...podMetadataErrors(set, proposal.metadataRules, proposal.compilePattern),
    ...containerErrors(set),
    ...sidecarErrors(set, proposal.compilePattern),
    ...newErrors(strictErrors(checked, proposal.existing), old ? strictErrors(old, proposal.existing) : []),
    ...(old ? changeErrors(set, old.set) : []),
    ...conflictErrors(set, proposal.existing),
  ];
}

function strictErrors(checked: CheckedSidecarSet, existing: readonly SidecarSet[]): FieldError[] {
  return [
    ...meaningErrors(checked),
    ...hiddenConflictErrors(checked.set, existing),
    ...selectedLabelErrors(checked.set, existing),
  ];
}

function containerErrors({ spec }: SidecarSet): FieldError[] {
  const { containers = [], initContainers = [], volumes } = spec;
  if (containers.length === 0 && initContainers.length === 0) {
    return required("spec", "a SidecarSet needs containers or initContainers");
  }
  const template = {
    containers: containers as readonly CheckedContainer[],
    initContainers: initContainers as readonly CheckedContainer[],
    volumes,
  };
  return podTemplateErrors(template, "spec");
}

function readChecked(raw: unknown): Result<CheckedSidecarSet, FieldError[]> {
  const parsed = parseSidecarSet(raw);
  if (!parsed.ok) return err(parsed.error);
  const complete = withDefaults(withoutNulls(raw as JsonObject, EITHER_VERSION) as JsonObject);
  const metadata = isJsonObject(complete.metadata) ? complete.metadata : {};
  return ok({
    set: parsed.value,
    metadata: metadata as unknown as CheckedMetadata,
    spec: complete.spec as unknown as CheckedSpec,
  });
}
