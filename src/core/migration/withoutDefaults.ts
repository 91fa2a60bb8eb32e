import { isJsonList, isJsonObject, type Json } from "../kube/object.ts";

/** What API servers write into pods where nothing was said. */
const DEFAULTS: Readonly<Record<string, Json>> = {
  apiVersion: "v1",
  divisor: "0",
  defaultMode: 0o644,
  expirationSeconds: 3600,
};

/**
 * The value without what means the same as nothing: empty texts, lists and objects, null, false, 0, and the defaults of variables,
 * mounts and volumes. An empty source of a volume, such as `emptyDir: {}`, stays.
 */
export function withoutDefaults(value: Json | undefined): Json {
  if (isJsonList(value)) return value.map((item) => withoutDefaults(item));
  if (!isJsonObject(value)) return value ?? null;
  const kept = Object.entries(value)
    .filter(([field, member]) => member !== undefined && member !== DEFAULTS[field])
    .map(([field, member]) => [field, withoutDefaults(member)] as const)
    .filter(([field, member]) => !isEmpty(member) || (field === "emptyDir" && isJsonObject(member)));
  return Object.fromEntries(kept);
}

function isEmpty(value: Json): boolean {
  if (isJsonList(value)) return value.length === 0;
  if (isJsonObject(value)) return Object.keys(value).length === 0;
  return value === null || value === "" || value === false || value === 0;
}
