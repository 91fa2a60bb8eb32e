import { listProblem } from "../../kube/appendUniqueText.ts";
import { forbidden, invalid, oneOf } from "../../kube/fieldErrors.ts";
import { mergePatchProblem } from "../../kube/mergePatchText.ts";
import type { FieldError } from "../../result.ts";
import { isBookkeepingKey } from "../annotations.ts";
import type { SidecarSet } from "../sidecarSet.ts";
import { type PatchedKey, patchedKeys } from "./patchedKeys.ts";

/** Patches of pod metadata that OpenKruise lets pass although no pod could take them, or would lose its records by them. */
export function metadataMeaningErrors(set: SidecarSet): FieldError[] {
  return [
    ...set.spec.patchPodMetadata.flatMap(({ patchPolicy }, index) =>
      oneOf(patchPolicy, POLICIES, `spec.patchPodMetadata[${index}].patchPolicy`),
    ),
    ...patchedKeys(set).flatMap((patched) => (patched.map === "annotations" ? annotationErrors(patched) : [])),
  ];
}

const POLICIES = ["Retain", "Overwrite", "MergePatchJson", "AppendUnique"];

function annotationErrors(patched: PatchedKey): FieldError[] {
  return [
    ...(isBookkeepingKey(patched.key)
      ? forbidden(patched.field, "in annotations with this prefix pods keep what is known about their sidecars")
      : []),
    ...textErrors(patched),
  ];
}

function textErrors({ policy, text, field }: PatchedKey): FieldError[] {
  const problem =
    policy === "MergePatchJson" ? mergePatchProblem(text) : policy === "AppendUnique" ? listProblem(text) : undefined;
  if (problem === undefined) return [];
  const wanted = policy === "MergePatchJson" ? "a JSON object or list" : "a JSON list, or items between commas";
  return invalid(field, text, `policy ${policy} takes ${wanted}: ${problem}`);
}
