import { type Annotations, withMetadataPatches } from "../pod/metadataPatches.ts";
import { err, ok, type Result } from "../result.ts";
import type { ChosenRevision } from "./chooseRevision.ts";
import { type InjectionError, rejection } from "./injectionReason.ts";

export type { Annotations } from "../pod/metadataPatches.ts";

/** The pod's annotations after the patches of all sets, in their order. */
export function patchPodMetadata(
  incoming: Annotations,
  chosen: readonly ChosenRevision[],
): Result<Annotations, InjectionError> {
  let annotations = incoming;
  for (const { set } of chosen) {
    const patched = withMetadataPatches(annotations, set.spec.patchPodMetadata);
    if (!patched.ok) {
      const { entry, key, problem } = patched.error;
      return err(rejection(set.name, `spec.patchPodMetadata[${entry}].annotations[${key}]`, problem));
    }
    annotations = patched.value;
  }
  return ok(annotations);
}
