import { CANARY_ANNOTATION, CANARY_BASE_ANNOTATION } from "./annotations.ts";

/** The SidecarSet that this one replaces for the pods it matches; undefined when it is no canary. */
export function canaryBaseOf(annotations: Readonly<Record<string, string>>): string | undefined {
  if (annotations[CANARY_ANNOTATION] !== "true") return undefined;
  return annotations[CANARY_BASE_ANNOTATION] || undefined;
}
