import type { PodName } from "../pod/podRecord.ts";

/**
 * Where we would do otherwise than OpenKruise does. `hash`: of a SidecarSet. `selection`, `refused`: whether a pod is injected.
 * `containers` … `record`: what it gets. `upgrade`: OpenKruise has upgraded a pod that we would not have. `notUpgraded`: the other way
 * round. `counters`: of a status.
 */
export type ShadowKind =
  | "hash"
  | "selection"
  | "refused"
  | "containers"
  | "order"
  | "env"
  | "mounts"
  | "volumes"
  | "annotations"
  | "record"
  | "upgrade"
  | "notUpgraded"
  | "counters";

export interface ShadowDifference {
  readonly kind: ShadowKind;
  readonly sidecarSet: string;
  /** `namespace/name`; empty: it is about the SidecarSet. */
  readonly pod: string;
  /** Container, variable, volume, annotation or counter; empty: the whole. */
  readonly about: string;
  /** Of docs/reference/reasons.md; empty: there is none. */
  readonly code: string;
  readonly theirs: string;
  readonly ours: string;
}

interface Told {
  readonly pod?: { readonly metadata: { readonly namespace?: string; readonly name?: string } } | PodName;
  readonly about?: string;
  readonly code?: string;
  readonly theirs: string;
  readonly ours: string;
}

export function shadowDifference(kind: ShadowKind, sidecarSet: string, told: Told): ShadowDifference {
  const { pod, about = "", code = "", theirs, ours } = told;
  return { kind, sidecarSet, pod: pod ? nameOf(pod) : "", about, code, theirs: brief(theirs), ours: brief(ours) };
}

/** What makes it the same difference when it is seen again. */
export function differenceKey({ kind, sidecarSet, pod, about }: ShadowDifference): string {
  return JSON.stringify([kind, sidecarSet, pod, about]);
}

function nameOf(pod: NonNullable<Told["pod"]>): string {
  if ("metadata" in pod) return `${pod.metadata.namespace || "default"}/${pod.metadata.name ?? ""}`;
  return `${pod.namespace}/${pod.name}`;
}

const LONGEST = 300;

function brief(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
