import { jsonEqual } from "../kube/jsonPatch.ts";
import { type ControllerRevision, isJsonList, isJsonObject, type Json, type JsonObject } from "../kube/object.ts";
import { err, ok, type Result } from "../result.ts";
import { restoreRevision, revisionData } from "./revision.ts";
import { SIDECAR_LISTS } from "./sidecarDifferences.ts";
import type { SidecarSet } from "./sidecarSet.ts";

/**
 * The merge patch of a SidecarSet's spec that brings back the template a revision recorded. It touches only the fields that differ, so
 * everything else stays as its owner wrote it: strategies, what pods may override, values that are left to their defaults.
 * @param writtenSpec as it is stored, before defaults
 * @returns undefined when the set has that template already; an explanation when the revision's data is no such record
 */
export function undoPatch(
  set: SidecarSet,
  writtenSpec: JsonObject,
  revision: ControllerRevision,
): Result<JsonObject | undefined, string> {
  const restored = restoreRevision(set, revision);
  if (!restored.ok) return err(restored.error);
  const [before, after] = [recorded(set), recorded(restored.value)];
  const changed = Object.keys(after)
    .filter((field) => !jsonEqual(before[field]!, after[field]!))
    .map((field): [string, Json] => [field, isSidecarList(field) ? sidecars(field) : after[field]!]);
  return ok(changed.length === 0 ? undefined : Object.fromEntries(changed));

  function sidecars(field: string): Json {
    const [old, now, written] = [before, after, writtenSpec].map((spec) => objectsOf(spec[field]));
    const sameNames = jsonEqual(old!.map(nameOf), now!.map(nameOf));
    if (sameNames && written!.length === now!.length) {
      return now!.map((sidecar, index) => changedSidecar(written![index]!, old![index]!, sidecar));
    }
    if (now!.length === 0) return null;
    return now!.map((sidecar) =>
      withOverrides(
        sidecar,
        written!.find(({ name }) => name === sidecar.name),
      ),
    );
  }
}

function recorded(set: SidecarSet): JsonObject {
  const { $patch: _, ...fields } = revisionData(set).spec as JsonObject;
  return fields;
}

function isSidecarList(field: string): boolean {
  return SIDECAR_LISTS.some((list) => list === field);
}

/** The sidecar as it was written, but for the fields that the two states differ in. */
function changedSidecar(written: JsonObject, before: JsonObject, after: JsonObject): JsonObject {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  const differing = [...fields].filter((field) => !jsonEqual(before[field] ?? null, after[field] ?? null));
  const kept = Object.entries(written).filter(([field]) => !differing.includes(field));
  const changed = differing.flatMap((field) => (after[field] === undefined ? [] : [[field, after[field]] as const]));
  return Object.fromEntries([...kept, ...changed]);
}

/** What pods may override is not recorded: that is up to the live set. */
function withOverrides(sidecar: JsonObject, written: JsonObject | undefined): JsonObject {
  return written?.podOverrides === undefined ? sidecar : { ...sidecar, podOverrides: written.podOverrides };
}

function objectsOf(list: Json | undefined): readonly JsonObject[] {
  return isJsonList(list) ? list.filter(isJsonObject) : [];
}

function nameOf({ name }: JsonObject): Json {
  return name ?? null;
}
