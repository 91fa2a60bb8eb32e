// What `import … from "sidecarset"` gives. Everything here is public: a change that breaks a caller needs a new major version.

export type { InjectionOutcome } from "../core/injection/injection.ts";
export type { InjectionReason } from "../core/injection/injectionReason.ts";
export { applyJsonPatch as applyPatch, type JsonPatch, type JsonPatchOperation } from "../core/kube/jsonPatch.ts";
export type { ControllerRevision } from "../core/kube/object.ts";
export type { FieldError, FieldErrorType, Result } from "../core/result.ts";
export { convertSidecarSet, type SidecarSetVersion } from "../core/sidecarSet/convertSidecarSet.ts";
export type { SidecarSetManifest } from "../core/sidecarSet/generated/sidecarSetManifest.ts";
export type { SidecarSetHashes } from "../core/sidecarSet/hash.ts";
export type { Finding } from "../core/sidecarSet/lint/finding.ts";
export { lintSidecarSet } from "../core/sidecarSet/lint/lintSidecarSet.ts";
export { parseSidecarSet } from "../core/sidecarSet/parseSidecarSet.ts";
export type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
export type { MetadataRules } from "../core/sidecarSet/validation/proposal.ts";
export { hashSidecarSet } from "./hashSidecarSet.ts";
export { type InjectedPod, type InjectionFailure, type InjectionRequest, injectPod } from "./injectPod.ts";
export type { SidecarSetInput } from "./readGiven.ts";
export { type ValidationRequest, validateSidecarSet } from "./validateSidecarSet.ts";
