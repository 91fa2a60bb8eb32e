import type { Labels } from "../kube/labelSelector.ts";
import { INJECT_MARK, SKIP_ANNOTATION } from "../sidecarSet/annotations.ts";
import { canaryBaseOf } from "../sidecarSet/canary.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";

export interface PodMarks {
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Which mark of the pod says that it wants no sidecar of this set: a label or annotation `inject: "false"`, or its name in the
 * annotation `skip`. A canary stands in for its base, so skipping the base skips the canary too.
 * @returns the mark as it stands on the pod, for people; undefined when there is none
 */
export function optOutMark(
  { name, annotations: own }: SidecarSet,
  { labels, annotations }: PodMarks,
): string | undefined {
  if (labels[INJECT_MARK] === "false") return `label ${INJECT_MARK}=false`;
  if (annotations[INJECT_MARK] === "false") return `annotation ${INJECT_MARK}=false`;
  if (annotations[SKIP_ANNOTATION] === undefined) return undefined;
  const skipped = annotations[SKIP_ANNOTATION].split(",").map((entry) => entry.trim());
  const isSkipped = skipped.includes(name) || skipped.includes(canaryBaseOf(own) ?? name);
  return isSkipped ? `annotation ${SKIP_ANNOTATION}=${annotations[SKIP_ANNOTATION]}` : undefined;
}

/** A mark that says neither true nor false is most likely meant to say no. */
export function unclearMarks({ labels, annotations }: PodMarks): readonly string[] {
  const found = [
    ["label", labels[INJECT_MARK]],
    ["annotation", annotations[INJECT_MARK]],
  ] as const;
  return found.flatMap(([kind, value]) =>
    value === undefined || value === "true" || value === "false"
      ? []
      : [`the pod's ${kind} ${INJECT_MARK} is "${value}" and changes nothing: only "false" keeps sidecars away`],
  );
}
