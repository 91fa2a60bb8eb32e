/** One thing that an injection puts into a pod, and what asked for it. */
export interface Addition {
  /** `kept`: a SidecarSet brings it too, but the pod, or a set before it, has one of that name, which stays. */
  readonly change: "added" | "replaced" | "kept";
  readonly kind: AdditionKind;
  /** Where it is in the pod that comes out, as Kubernetes writes paths. */
  readonly path: string;
  readonly name: string;
  /** What it holds, for people; empty where the name says it all. */
  readonly value: string;
  /** Undefined for what speaks of all SidecarSets of the pod. */
  readonly sidecarSet: string | undefined;
  /** The field of that SidecarSet which asked for it; empty for our own records. */
  readonly field: string;
  /** In words, as much as the field does not say. */
  readonly because: string;
}

export type AdditionKind =
  | "container"
  | "initContainer"
  | "env"
  | "volumeMount"
  | "volumeDevice"
  | "resources"
  | "volume"
  | "imagePullSecret"
  | "annotation"
  | "label"
  | "field";
