// Names shared with OpenKruise, so that pods and SidecarSets of either manager mean the same to both.

export const GROUP = "apps.kruise.io";
export const SIDECAR_SET_KIND = "SidecarSet";

/** On a SidecarSet: a plain hash. On a pod: a JSON map of SidecarSet name to record. */
export const HASH_ANNOTATION = "kruise.io/sidecarset-hash";
export const HASH_WITHOUT_IMAGE_ANNOTATION = "kruise.io/sidecarset-hash-without-image";
/** On a pod: comma list of SidecarSet names. */
export const INJECTED_LIST_ANNOTATION = "kruise.io/sidecarset-injected-list";
/** On a pod: JSON map of a hot-upgrade container's base name to the name of the one that works. */
export const WORKING_HOT_UPGRADE_CONTAINER_ANNOTATION = "kruise.io/sidecarset-working-hotupgrade-container";
/** On a pod: JSON map of SidecarSet name to what the last in-place upgrade replaced. */
export const IN_PLACE_UPDATE_STATE_ANNOTATION = "kruise.io/sidecarset-inplace-update-state";

/** On a pod, hot-upgrade containers only. */
export function versionAnnotation(container: string): string {
  return `version.sidecarset.kruise.io/${container}`;
}
/** On a pod, hot-upgrade containers only. */
export function alternativeVersionAnnotation(container: string): string {
  return `versionalt.sidecarset.kruise.io/${container}`;
}

/** On a pod, before `<container>.<what>`: how its own sidecar differs from that of others. */
export const OVERRIDE_PREFIX = "sidecarset.kruise.io/override.";

/** Whether pods keep records under this key: OpenKruise's, and our own. */
export function isBookkeepingKey(key: string): boolean {
  return /^(?:kruise\.io\/sidecarset-|(?:[^/]+\.)?sidecarset\.kruise\.io\/)/.test(key);
}

/** Label on a ControllerRevision: the SidecarSet it belongs to. */
export const SIDECAR_SET_NAME_LABEL = "kruise.io/sidecarset-name";
/** Label on a v1alpha1 SidecarSet and on ControllerRevisions. */
export const CUSTOM_VERSION_LABEL = "apps.kruise.io/sidecarset-custom-version";
/** Label on a ControllerRevision: the hash part of its name. */
export const REVISION_HASH_LABEL = "controller.kubernetes.io/hash";

/** Annotation on a SidecarSet; only the text `true` counts, and only together with a base. */
export const CANARY_ANNOTATION = "apps.kruise.io/sidecarset-canary";
export const CANARY_BASE_ANNOTATION = "apps.kruise.io/sidecarset-base";

/** Label or annotation on a pod: `false` means that it wants no sidecars. */
export const INJECT_MARK = "sidecarset.kruise.io/inject";
/** Annotation on a pod: comma list of the SidecarSets it does not want. */
export const SKIP_ANNOTATION = "sidecarset.kruise.io/skip";

/** Label of the pod by which we see whether the API server reaches us; nobody ever runs one. */
export const SELF_TEST_LABEL = "sidecarset.kruise.io/self-test";
/** Annotation of that pod: what nobody can know beforehand … */
export const SELF_TEST_TOKEN = "sidecarset.kruise.io/self-test-token";
/** … and the same, written by the webhook. */
export const SELF_TEST_PROOF = "sidecarset.kruise.io/self-test-proof";

/** Environment variable of every injected container. */
export const INJECTED_ENV = { name: "IS_INJECTED", value: "true" } as const;
/** Environment variables of hot-upgrade containers, read from the version annotations. */
export const VERSION_ENV = "SIDECARSET_VERSION";
export const ALTERNATIVE_VERSION_ENV = "SIDECARSET_VERSION_ALT";
export const HOT_UPGRADE_SUFFIXES = ["-1", "-2"] as const;

/** Where ControllerRevisions and the configuration live unless POD_NAMESPACE says otherwise. */
export const DEFAULT_SYSTEM_NAMESPACE = "kruise-system";
export const CONFIGURATION_CONFIG_MAP = "kruise-configuration";
export const METADATA_WHITELIST_KEY = "SidecarSet_PatchPodMetadata_WhiteList";

/** Label that every namespace carries with its own name. */
export const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

/** Of the API server's copies of static pods, which nobody can inject. */
export const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";
