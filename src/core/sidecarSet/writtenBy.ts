import { isJsonObject, type JsonObject } from "../kube/object.ts";

/** Who wrote the spec last, as far as `metadata.managedFields` tell; our own writes do not touch it. */
export function writtenBy(managedFields: readonly JsonObject[]): string | undefined {
  let last: JsonObject | undefined;
  for (const entry of managedFields) {
    if (!isJsonObject(entry) || entry.subresource || !isJsonObject(entry.fieldsV1)) continue;
    if (!("f:spec" in entry.fieldsV1)) continue;
    if (String(entry.time ?? "") >= String(last?.time ?? "")) last = entry;
  }
  return typeof last?.manager === "string" && last.manager !== "" ? last.manager : undefined;
}
