import { isJsonList, isJsonObject, type Json, type JsonObject, type KubeObject } from "../../core/kube/object.ts";
import { isBookkeepingKey, OVERRIDE_PREFIX } from "../../core/sidecarSet/annotations.ts";

const REDACTED = "REDACTED";

/**
 * An object without what may be secret or is noise: values of environment variables, what follows the name of something secret in an
 * argument, certificates' bundles, kubectl's copy of the whole object, managed fields, and the values of annotations that are not ours.
 */
export function redacted(object: KubeObject): JsonObject {
  const { metadata, ...rest } = object as unknown as JsonObject & { readonly metadata: JsonObject };
  const { managedFields: _, annotations, ...kept } = metadata;
  const own = isJsonObject(annotations) ? { annotations: redactedAnnotations(annotations) } : {};
  return { ...(withoutSecrets(rest, "") as JsonObject), metadata: { ...kept, ...own } };
}

/** Of a pod what tells about its sidecars: metadata, status, and of the spec only which images run where. */
export function redactedPod(pod: KubeObject): JsonObject {
  const { spec, ...rest } = pod as unknown as JsonObject & { readonly spec?: JsonObject };
  const images = (list: Json | undefined): readonly Json[] =>
    (isJsonList(list) ? list : []).filter(isJsonObject).map(({ name, image, restartPolicy }) => ({
      ...(name !== undefined && { name }),
      ...(image !== undefined && { image }),
      ...(restartPolicy !== undefined && { restartPolicy }),
    }));
  const { nodeName, initContainers, containers } = spec ?? {};
  return {
    ...redacted(rest as unknown as KubeObject),
    spec: {
      ...(nodeName !== undefined && { nodeName }),
      initContainers: images(initContainers),
      containers: images(containers),
    },
  };
}

/** An override of a variable holds its value. */
function redactedAnnotations(annotations: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(annotations)
      .filter(([key]) => key !== "kubectl.kubernetes.io/last-applied-configuration")
      .map(([key, value]) => [key, isTold(key) ? value : REDACTED]),
  );
}

function isTold(key: string): boolean {
  const isValue = key.startsWith(OVERRIDE_PREFIX) && key.includes(".env.");
  return TOLD.has(key) || (isBookkeepingKey(key) && !isValue);
}

const TOLD: ReadonlySet<string> = new Set(["kubernetes.io/change-cause", "kubernetes.io/config.mirror"]);

/** @param field the member that holds the value */
function withoutSecrets(value: Json | undefined, field: string): Json | undefined {
  if (isJsonList(value)) {
    if (field === "env") return value.map(withoutValue);
    if (field === "args" || field === "command") return value.map(withoutSecretPart);
    return value.map((item) => withoutSecrets(item, "") as Json);
  }
  if (isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutSecrets(member, name)]));
  }
  return field === "caBundle" && value !== "" ? REDACTED : value;
}

function withoutValue(variable: Json): Json {
  return isJsonObject(variable) && variable.value !== undefined ? { ...variable, value: REDACTED } : variable;
}

/** `--api-token=abc` keeps its name. */
function withoutSecretPart(argument: Json): Json {
  if (typeof argument !== "string") return argument;
  return argument.replace(/((?:token|passw(?:or)?d|secret|key|credential)[\w.-]*\s*[=:]\s*)\S.*/is, `$1${REDACTED}`);
}
