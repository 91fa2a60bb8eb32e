import type { Json, JsonObject } from "../kube/object.ts";
import { typedForm, withoutUnset } from "../kube/shape.ts";
import type { FieldError, Result } from "../result.ts";
import { err, ok } from "../result.ts";
import { CUSTOM_VERSION_LABEL, GROUP, NAMESPACE_NAME_LABEL } from "./annotations.ts";
import { readingErrors } from "./parseSidecarSet.ts";
import { EITHER_VERSION, V1ALPHA1, V1BETA1 } from "./sidecarSetShape.ts";

export type SidecarSetVersion = "v1alpha1" | "v1beta1";

/**
 * The object as OpenKruise's conversion writes it in the other API version: fields that its types do not know are gone,
 * quantities canonical. A v1alpha1 namespace becomes a selector and stays one on the way back.
 */
export function convertSidecarSet(raw: unknown, to: SidecarSetVersion): Result<JsonObject, FieldError[]> {
  const errors = readingErrors(raw);
  if (errors.length > 0) return err(errors);
  const source = typedForm(raw as JsonObject, EITHER_VERSION) as unknown as TypedSidecarSet;
  const converted = to === "v1beta1" ? toBeta(source) : toAlpha(source);
  const versioned = { ...converted, apiVersion: `${GROUP}/${to}` } as unknown as JsonObject;
  const shape = to === "v1beta1" ? V1BETA1 : V1ALPHA1;
  return ok(withoutUnset(typedForm(versioned, shape), shape) as JsonObject);
}

/** The parts that differ between the versions. */
interface TypedSidecarSet {
  readonly apiVersion?: string;
  readonly metadata: { readonly labels?: Readonly<Record<string, string>>; readonly [field: string]: unknown };
  readonly spec: {
    readonly namespace?: string;
    readonly namespaceSelector?: Json;
    readonly customVersion?: string;
    readonly [field: string]: Json | undefined;
  };
}

function toBeta(source: TypedSidecarSet): TypedSidecarSet {
  const { namespace } = source.spec;
  const inNamespace = namespace ? { namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: namespace } } } : {};
  const { [CUSTOM_VERSION_LABEL]: label, ...labels } = source.metadata.labels ?? {};
  if (label === undefined || source.apiVersion !== `${GROUP}/v1alpha1`) {
    return { ...source, spec: { ...source.spec, ...inNamespace } };
  }
  return {
    ...source,
    metadata: { ...source.metadata, labels },
    spec: { ...source.spec, ...inNamespace, customVersion: label },
  };
}

function toAlpha(source: TypedSidecarSet): TypedSidecarSet {
  const { customVersion } = source.spec;
  if (!customVersion) return source;
  const labels = { ...source.metadata.labels, [CUSTOM_VERSION_LABEL]: customVersion };
  return { ...source, metadata: { ...source.metadata, labels } };
}
