import { invalid, oneOf } from "../../kube/fieldErrors.ts";
import type { FieldError } from "../../result.ts";
import type { SidecarContainer, TransferEnv } from "../sidecarSet.ts";
import { metadataMeaningErrors } from "./metadataMeaning.ts";
import type { CheckedSidecarSet } from "./proposal.ts";
import { policyErrors, sourceErrors } from "./sidecars.ts";
import { updateStrategyErrors } from "./updateStrategy.ts";

/**
 * What OpenKruise lets pass although it means nothing. Stored objects may hold it, so it is refused only where it is new: see
 * `newErrors`.
 */
export function meaningErrors({ set, spec }: CheckedSidecarSet): FieldError[] {
  const { containers = [], initContainers = [] } = set.spec;
  return [
    ...oneOf(spec.updateStrategy.type, ["RollingUpdate", "NotUpdate"], "spec.updateStrategy.type"),
    ...(spec.updateStrategy.type === "RollingUpdate" ? [] : updateStrategyErrors(set)),
    ...containers.flatMap((container, index) => enumErrors(container, `spec.containers[${index}]`)),
    ...initContainers.flatMap((container, index) => {
      const path = `spec.initContainers[${index}]`;
      return [
        ...enumErrors(container, path),
        ...policyErrors(container, path),
        ...(container.transferEnv ?? []).flatMap((entry, entryIndex) =>
          sourceErrors(entry, `${path}.transferEnv[${entryIndex}].sourceContainerNameFrom`),
        ),
      ];
    }),
    ...metadataMeaningErrors(set),
  ];
}

function enumErrors(container: SidecarContainer, path: string): FieldError[] {
  return [
    ...oneOf(
      container.upgradeStrategy.upgradeType,
      ["ColdUpgrade", "HotUpgrade"],
      `${path}.upgradeStrategy.upgradeType`,
    ),
    ...oneOf(container.shareVolumeDevicePolicy?.type, ["enabled", "disabled"], `${path}.shareVolumeDevicePolicy.type`),
    ...oneOf(
      container.resourcesPolicy?.targetContainersMode,
      ["sum", "max"],
      `${path}.resourcesPolicy.targetContainersMode`,
    ),
    ...pairNameErrors(container, path),
    ...(container.transferEnv ?? []).flatMap((entry, index) =>
      emptyEntryErrors(entry, `${path}.transferEnv[${index}]`),
    ),
  ];
}

const LONGEST_PAIR_NAME = 61;

/** A hot-upgrade container becomes two, whose names are two characters longer. */
function pairNameErrors({ name, upgradeStrategy }: SidecarContainer, path: string): FieldError[] {
  if (upgradeStrategy.upgradeType !== "HotUpgrade" || name.length <= LONGEST_PAIR_NAME) return [];
  return invalid(
    `${path}.name`,
    name,
    `must be no more than ${LONGEST_PAIR_NAME} characters with upgradeType HotUpgrade`,
  );
}

function emptyEntryErrors(entry: TransferEnv, path: string): FieldError[] {
  const hasSource = Boolean(entry.sourceContainerName) || entry.sourceContainerNameFrom !== undefined;
  const hasName = Boolean(entry.envName) || (entry.envNames ?? []).length > 0;
  return [
    ...(hasSource
      ? []
      : invalid(path, entry, "say which container to copy from: sourceContainerName or sourceContainerNameFrom")),
    ...(hasName ? [] : invalid(path, entry, "say which variables to copy: envName or envNames")),
  ];
}

/** The errors that the old object did not have in the same place with the same value. */
export function newErrors(errors: readonly FieldError[], before: readonly FieldError[]): FieldError[] {
  const known = new Set(before.map(identityOf));
  return errors.filter((error) => !known.has(identityOf(error)));
}

function identityOf({ field, value }: FieldError): string {
  return `${field} ${JSON.stringify(value)}`;
}
