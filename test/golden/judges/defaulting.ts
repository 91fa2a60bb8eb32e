import type { JsonObject } from "../../../src/core/kube/object.ts";
import { typedForm } from "../../../src/core/kube/shape.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../../../src/core/sidecarSet/annotations.ts";
import { withDefaults } from "../../../src/core/sidecarSet/defaults.ts";
import { sidecarSetHashes } from "../../../src/core/sidecarSet/hash.ts";
import { parseSidecarSet } from "../../../src/core/sidecarSet/parseSidecarSet.ts";
import { V1ALPHA1, V1BETA1 } from "../../../src/core/sidecarSet/sidecarSetShape.ts";
import { compare, type Judge } from "../judge.ts";

export const defaulting: Judge = ({ input, expected }) => {
  const raw = input.sidecarSet as JsonObject;
  const parsed = parseSidecarSet(raw);
  if (!parsed.ok) return compare({ errors: parsed.error }, expected);
  const { hash, hashWithoutImage } = sidecarSetHashes(parsed.value);
  const typed = typedForm(
    withDefaults(raw),
    raw.apiVersion === "apps.kruise.io/v1alpha1" ? V1ALPHA1 : V1BETA1,
  ) as JsonObject;
  const metadata = typed.metadata as JsonObject;
  const annotations = {
    ...(metadata.annotations as JsonObject | undefined),
    [HASH_ANNOTATION]: hash,
    [HASH_WITHOUT_IMAGE_ANNOTATION]: hashWithoutImage,
  };
  return compare({ sidecarSet: { ...typed, metadata: { ...metadata, annotations } } }, expected);
};
