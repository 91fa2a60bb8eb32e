/** On a SidecarSet the plain hash; on a pod a record per SidecarSet. */
export const HASH_ANNOTATION = "kruise.io/sidecarset-hash";
export const HASH_WITHOUT_IMAGE_ANNOTATION = "kruise.io/sidecarset-hash-without-image";
