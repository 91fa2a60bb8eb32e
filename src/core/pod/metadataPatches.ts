import { err, ok, type Result } from "../result.ts";
import type { PatchPodMetadata } from "../sidecarSet/sidecarSet.ts";
import { mergePatchText } from "./mergePatchText.ts";

export type Annotations = Readonly<Record<string, string>>;

/** Which annotation of which entry cannot be applied, and why. */
export interface MetadataPatchError {
  readonly entry: number;
  readonly key: string;
  readonly problem: string;
}

/** A set's `patchPodMetadata` applied to a pod's annotations, entry by entry: a later one sees what an earlier one wrote. */
export function withMetadataPatches(
  existing: Annotations,
  entries: readonly PatchPodMetadata[],
): Result<Annotations, MetadataPatchError> {
  let annotations = existing;
  for (const [entry, patch] of entries.entries()) {
    const patched = applyEntry(annotations, patch);
    if (!patched.ok) return err({ entry, ...patched.error });
    annotations = patched.value;
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
