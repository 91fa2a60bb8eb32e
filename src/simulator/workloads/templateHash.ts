import { encodeSorted } from "../../core/kube/goJson.ts";
import type { Json } from "../../core/kube/object.ts";
import { sameJson } from "../apiObject.ts";
import type { PodTemplate } from "./workload.ts";

export const TEMPLATE_HASH_LABEL = "pod-template-hash";
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** A short name for a template: equal templates, equal names. Not the number Kubernetes computes, which hashes Go's own structs. */
export function templateHash(template: PodTemplate): string {
  let hash = 2166136261;
  for (const character of encodeSorted(template as unknown as Json)) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 16777619) >>> 0;
  }
  return [...String(hash)].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join("");
}

/** Whether a ReplicaSet's template is the Deployment's, but for the label that names it. */
export function sameTemplate(a: PodTemplate, b: PodTemplate): boolean {
  return sameJson(unnamed(a), unnamed(b));
}

function unnamed(template: PodTemplate): PodTemplate {
  const { [TEMPLATE_HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
