import { appendUniqueText } from "../kube/appendUniqueText.ts";
import type { Labels } from "../kube/labelSelector.ts";
import { mergePatchText } from "../kube/mergePatchText.ts";
import { err, ok, type Result } from "../result.ts";
import type { PatchPodMetadata } from "../sidecarSet/sidecarSet.ts";

export type Annotations = Readonly<Record<string, string>>;

/** What of a pod a SidecarSet may patch. */
export interface PatchedMetadata {
  readonly annotations: Annotations;
  readonly labels: Labels;
}

/** Which annotation of which entry cannot be applied, and why. */
export interface MetadataPatchError {
  readonly entry: number;
  readonly key: string;
  readonly problem: string;
}

/** A set's `patchPodMetadata` applied to a pod's metadata, entry by entry: a later one sees what an earlier one wrote. */
export function withMetadataPatches(
  existing: PatchedMetadata,
  entries: readonly PatchPodMetadata[],
): Result<PatchedMetadata, MetadataPatchError> {
  let { annotations, labels } = existing;
  for (const [entry, patch] of entries.entries()) {
    const patched = patchedAnnotations(annotations, patch);
    if (!patched.ok) return err({ entry, ...patched.error });
    annotations = patched.value;
    labels = patchedLabels(labels, patch);
  }
  return ok({ annotations, labels });
}

function patchedAnnotations(
  existing: Annotations,
  { annotations, patchPolicy }: PatchPodMetadata,
): Result<Annotations, { readonly key: string; readonly problem: string }> {
  switch (patchPolicy) {
    case "Retain":
      return ok({ ...annotations, ...existing });
    case "Overwrite":
      return ok({ ...existing, ...annotations });
    case "MergePatchJson":
    case "AppendUnique": {
      const combine = COMBINE[patchPolicy];
      const combined: Record<string, string> = { ...existing };
      for (const [key, patch] of Object.entries(annotations)) {
        const result = combine(Object.hasOwn(existing, key) ? existing[key] : undefined, patch);
        if (!result.ok) return err({ key, problem: result.error });
        combined[key] = result.value;
      }
      return ok(combined);
    }
    default:
      return ok(existing);
  }
}

type Combine = (existing: string | undefined, patch: string) => Result<string, string>;

const COMBINE: Readonly<Record<"MergePatchJson" | "AppendUnique", Combine>> = {
  // The first write stores the patch as it is; meeting just that text again, as in a repeated call, leaves it so.
  MergePatchJson: (existing, patch) => (!existing || existing === patch ? ok(patch) : mergePatchText(existing, patch)),
  AppendUnique: appendUniqueText,
};

/** The policies that combine texts have no meaning for labels; admission refuses them there. */
function patchedLabels(existing: Labels, { labels, patchPolicy }: PatchPodMetadata): Labels {
  if (Object.keys(labels).length === 0) return existing;
  switch (patchPolicy) {
    case "Retain":
      return { ...labels, ...existing };
    case "Overwrite":
      return { ...existing, ...labels };
    default:
      return existing;
  }
}
