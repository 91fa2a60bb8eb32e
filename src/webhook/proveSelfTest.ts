import { jsonPointer } from "../core/kube/jsonPatch.ts";
import { isJsonObject } from "../core/kube/object.ts";
import { SELF_TEST_PROOF, SELF_TEST_TOKEN } from "../core/sidecarSet/annotations.ts";
import { type AdmissionAnswer, type AdmissionRequest, UNCHANGED } from "./admissionReview.ts";

/** Gives back the token of the self-test's pod, which proves that a webhook has seen it. */
export function proveSelfTest({ object }: AdmissionRequest): AdmissionAnswer {
  const annotations = isJsonObject(object?.metadata) ? object.metadata.annotations : undefined;
  const token = isJsonObject(annotations) ? annotations[SELF_TEST_TOKEN] : undefined;
  if (typeof token !== "string") return UNCHANGED;
  const path = jsonPointer("metadata", "annotations", SELF_TEST_PROOF);
  return { allowed: true, patch: [{ op: "add", path, value: token }], warnings: [] };
}
