// Names that an installation of OpenKruise has, by its chart and by its manifests alike.

export const OPENKRUISE = {
  /** Its manager: every controller and every webhook of OpenKruise in one process. */
  deployment: "kruise-controller-manager",
  /** By which its managers agree who leads; in the namespace of the Deployment. */
  lease: "kruise-manager",
  mutating: "kruise-mutating-webhook-configuration",
  validating: "kruise-validating-webhook-configuration",
  /** In which it keeps the entries of a configuration as they were installed, and from which it restores them at its start. */
  templateAnnotation: "template",
  podWebhook: "mpod.kb.io",
  groups: ["apps.kruise.io", "policy.kruise.io"],
} as const;

/** Kinds that its manager makes by itself, one object per node: they say nothing about who uses OpenKruise. */
const OF_ITS_OWN: ReadonlySet<string> = new Set(["NodeImage", "NodePodProbe"]);

/** Whether an object of that kind was made by somebody who uses OpenKruise for more than SidecarSets. */
export function isOtherKind(kind: string): boolean {
  return kind !== "SidecarSet" && !OF_ITS_OWN.has(kind);
}

/** The gates that change what happens to SidecarSets and their pods, with OpenKruise's defaults. */
export const SIDECAR_SET_GATES: Readonly<Record<string, boolean>> = {
  PodWebhook: true,
  SidecarSetPatchPodMetadataDefaultsAllowed: false,
  EnableSortSidecarContainerByName: false,
};
