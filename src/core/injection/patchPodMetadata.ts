import { err, ok, type Result } from "../result.ts";
import type { PatchPodMetadata } from "../sidecarSet/sidecarSet.ts";
import type { ChosenRevision } from "./chooseRevision.ts";
import { type InjectionError, rejection } from "./injectionReason.ts";
import { mergePatchText } from "./mergePatchText.ts";

export type Annotations = Readonly<Record<string, string>>;

/** The pod's annotations after all patches, set by set and entry by entry: a later one sees what an earlier one wrote. */
export function patchPodMetadata(
  incoming: Annotations,
  chosen: readonly ChosenRevision[],
): Result<Annotations, InjectionError> {
  let annotations = incoming;
  for (const { set } of chosen) {
    for (const [index, entry] of set.spec.patchPodMetadata.entries()) {
      const patched = applyEntry(annotations, entry);
      if (!patched.ok) {
        const field = `spec.patchPodMetadata[${index}].annotations[${patched.error.key}]`;
        return err(rejection(set.name, field, patched.error.problem));
      }
      annotations = patched.value;
    }
  }
  return ok(annotations);
}

function applyEntry(
  existing: Annotations,
  { annotations, patchPolicy }: PatchPodMetadata,
): Result<Annotations, { readonly key: string; readonly problem: string }> {
  switch (patchPolicy) {
    case "Retain":
      return ok({ ...annotations, ...existing });
    case "Overwrite":
      return ok({ ...existing, ...annotations });
    case "MergePatchJson": {
      const merged: Record<string, string> = { ...existing };
      for (const [key, patch] of Object.entries(annotations)) {
        const result = mergeInto(Object.hasOwn(existing, key) ? existing[key] : undefined, patch);
        if (!result.ok) return err({ key, problem: result.error });
        merged[key] = result.value;
      }
      return ok(merged);
    }
    default:
      return ok(existing);
  }
}

/** The first write stores the patch as it is; meeting just that text again, as in a repeated call, leaves it so. */
function mergeInto(existing: string | undefined, patch: string): Result<string, string> {
  return !existing || existing === patch ? ok(patch) : mergePatchText(existing, patch);
}
