import { duplicate, forbidden, invalid, invalidIf, required } from "../../kube/fieldErrors.ts";
import { labelValueProblem, qualifiedNameProblem } from "../../kube/labelSyntax.ts";
import type { CompilePattern } from "../../kube/pattern.ts";
import type { FieldError } from "../../result.ts";
import type { PatchPodMetadata, SidecarSet } from "../sidecarSet.ts";
import { annotationErrors } from "./metadata.ts";
import { whitelistErrors } from "./metadataWhitelist.ts";
import { patchedKeys } from "./patchedKeys.ts";
import type { MetadataRules } from "./proposal.ts";
import { isWorkloadLabel } from "./workloadLabels.ts";

/** Annotations and labels for pods: each key once, and only those that the installation lets SidecarSets write. */
export function podMetadataErrors(set: SidecarSet, rules: MetadataRules, compilePattern: CompilePattern): FieldError[] {
  const keys = patchedKeys(set);
  return [
    ...set.spec.patchPodMetadata.flatMap((entry, index) => entryErrors(entry, `spec.patchPodMetadata[${index}]`)),
    ...keys.flatMap(({ map, key, field }, index) =>
      keys.slice(0, index).some((earlier) => earlier.map === map && earlier.key === key)
        ? duplicate(field, key, "another entry writes this key")
        : [],
    ),
    ...whitelistErrors(set, keys, { rules, compilePattern }),
  ];
}

function entryErrors({ annotations, labels, patchPolicy }: PatchPodMetadata, path: string): FieldError[] {
  const hasLabels = Object.keys(labels).length > 0;
  if (!hasLabels && Object.keys(annotations).length === 0) {
    return required(`${path}.annotations`, "name the annotations or labels to write");
  }
  return [
    ...annotationErrors(annotations, `${path}.annotations`),
    ...(hasLabels && (patchPolicy === "MergePatchJson" || patchPolicy === "AppendUnique")
      ? invalid(
          `${path}.patchPolicy`,
          patchPolicy,
          "the value of a label is neither JSON nor a list; give the labels an entry of their own with Retain or Overwrite",
        )
      : []),
    ...Object.entries(labels).flatMap(([key, value]) => labelErrors(key, value, `${path}.labels`)),
  ];
}

function labelErrors(key: string, value: string, path: string): FieldError[] {
  return [
    ...invalidIf(qualifiedNameProblem(key), path, key),
    ...invalidIf(labelValueProblem(value), `${path}[${key}]`, value),
    ...(isWorkloadLabel(key)
      ? forbidden(`${path}[${key}]`, "workload controllers write this label and find their pods by it")
      : []),
  ];
}
