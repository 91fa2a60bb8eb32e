import { forbidden } from "../../kube/fieldErrors.ts";
import type { FieldError } from "../../result.ts";
import type { SidecarSet } from "../sidecarSet.ts";
import { patchedKeys } from "./patchedKeys.ts";

/**
 * No SidecarSet writes a label that one selects pods by: which sets a pod gets would depend on what they have done to it. Asked from
 * both sides, of the set that writes and of the set that selects.
 */
export function selectedLabelErrors(set: SidecarSet, existing: readonly SidecarSet[]): FieldError[] {
  const others = existing.filter(({ name }) => name !== set.name);
  return [...writingErrors(set, [set, ...others]), ...selectingErrors(set, others)];
}

function writingErrors(set: SidecarSet, all: readonly SidecarSet[]): FieldError[] {
  const written = patchedKeys(set).filter(({ map }) => map === "labels");
  return written.flatMap(({ key, field }) => {
    const selecting = all.filter((other) => selectorKeys(other).some((selected) => selected.key === key));
    if (selecting.length === 0) return [];
    return forbidden(field, `${these(selecting, "select")} pods by this label, and the patch would change which`);
  });
}

function selectingErrors(set: SidecarSet, others: readonly SidecarSet[]): FieldError[] {
  return selectorKeys(set).flatMap(({ key, field }) => {
    const writing = others.filter((other) =>
      other.spec.patchPodMetadata.some(({ labels }) => Object.hasOwn(labels, key)),
    );
    if (writing.length === 0) return [];
    return forbidden(
      field,
      `${these(writing, "write")} this label to pods (spec.patchPodMetadata); select by another one`,
    );
  });
}

function selectorKeys({ spec: { selector } }: SidecarSet): readonly { readonly key: string; readonly field: string }[] {
  return [
    ...Object.keys(selector?.matchLabels ?? {}).map((key) => ({ key, field: `spec.selector.matchLabels[${key}]` })),
    ...(selector?.matchExpressions ?? []).map(({ key }, index) => ({
      key,
      field: `spec.selector.matchExpressions[${index}].key`,
    })),
  ];
}

function these(sets: readonly SidecarSet[], verb: string): string {
  const names = sets.map(({ name }) => name).join(", ");
  return sets.length === 1 ? `SidecarSet ${names} ${verb}s` : `SidecarSets ${names} ${verb}`;
}
