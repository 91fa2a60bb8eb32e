import { type PatchedMetadata, withMetadataPatches } from "../pod/metadataPatches.ts";
import { err, ok, type Result } from "../result.ts";
import type { ChosenRevision } from "./chooseRevision.ts";
import { type InjectionError, rejection } from "./injectionReason.ts";

/** The pod's annotations and labels after the patches of all sets, in their order. */
export function patchPodMetadata(
  incoming: PatchedMetadata,
  chosen: readonly ChosenRevision[],
): Result<PatchedMetadata, InjectionError> {
  let metadata = incoming;
  for (const { set } of chosen) {
    const patched = withMetadataPatches(metadata, set.spec.patchPodMetadata);
    if (!patched.ok) {
      const { entry, key, problem } = patched.error;
      return err(rejection(set.name, `spec.patchPodMetadata[${entry}].annotations[${key}]`, problem));
    }
    metadata = patched.value;
  }
  return ok(metadata);
}
