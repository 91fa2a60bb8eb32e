import type { Result } from "../result.ts";
import { err, ok } from "../result.ts";
import { jsonEqual } from "./jsonPatch.ts";
import type { Json, JsonObject } from "./object.ts";

/** Lists whose items are matched by a key instead of being replaced as a whole, by the name of the field. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  addresses: "type",
  conditions: "type",
  containers: "name",
  env: "name",
  ephemeralContainers: "name",
  hostAliases: "ip",
  hostIPs: "ip",
  imagePullSecrets: "name",
  initContainers: "name",
  ownerReferences: "uid",
  podIPs: "ip",
  ports: "containerPort",
  resourceClaims: "name",
  schedulingGates: "name",
  secrets: "name",
  topologySpreadConstraints: "topologyKey",
  volumeDevices: "devicePath",
  volumeMounts: "mountPath",
  volumes: "name",
  webhooks: "name",
};
/** Lists of plain values that are united. */
const UNITED = ["finalizers", "podCIDRs"];

const PATCH = "$patch";
const RETAIN_KEYS = "$retainKeys";
const ORDER = "$setElementOrder/";
const DELETE_VALUES = "$deleteFromPrimitiveList/";

/**
 * Kubernetes' strategic merge patch for built-in kinds: like a merge patch, but lists of named things merge by name. Neither argument is
 * changed.
 * @returns the patched object, or one sentence on why the patch cannot be applied
 */
export function applyStrategicMergePatch(target: JsonObject, patch: JsonObject): Result<Json, string> {
  try {
    return ok(mergeObjects(target, patch));
  } catch (error) {
    if (error instanceof PatchProblem) return err(error.message);
    throw error;
  }
}

class PatchProblem extends Error {}

function mergeObjects(target: JsonObject, patch: JsonObject): JsonObject {
  const directive = patch[PATCH];
  if (directive === "replace") return fresh(withoutDirectives(patch));
  if (directive === "delete") return {};
  if (directive !== undefined && directive !== "merge") {
    throw new PatchProblem(`unrecognized type: ${JSON.stringify(directive)} of directive $patch`);
  }
  const result = new Map<string, Json | undefined>(Object.entries(retained(target, patch)));
  for (const [field, value] of Object.entries(withoutDirectives(patch))) {
    if (value === undefined) continue;
    if (value === null) result.delete(field);
    else result.set(field, mergeValues(field, result.get(field), value));
  }
  applyListDirectives(result, patch);
  return Object.fromEntries(result);
}

function mergeValues(field: string, old: Json | undefined, value: Json): Json {
  if (isObject(value)) return isObject(old) ? mergeObjects(old, value) : fresh(value);
  if (!Array.isArray(value)) return value;
  const key = MERGE_KEYS[field];
  const items = value as readonly Json[];
  const before = Array.isArray(old) ? (old as readonly Json[]) : [];
  if (UNITED.includes(field)) return [...before, ...items.filter((item) => !before.includes(item))];
  if (key !== undefined && items.every(isObject)) return mergeLists(before as readonly JsonObject[], items, key, field);
  return items.map((item) => (isObject(item) ? fresh(item) : item));
}

/** Items are found by their key: changed in place, deleted by `$patch: delete`, or appended. */
function mergeLists(
  old: readonly JsonObject[],
  patches: readonly JsonObject[],
  key: string,
  field: string,
): readonly JsonObject[] {
  const replaces = patches.some((item) => item[PATCH] === "replace" && Object.keys(item).length === 1);
  let merged: readonly JsonObject[] = replaces ? [] : old;
  for (const item of patches) {
    if (item[PATCH] === "replace" && Object.keys(item).length === 1) continue;
    const id = item[key];
    if (id === undefined)
      throw new PatchProblem(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key} of ${field}`);
    const position = merged.findIndex((candidate) => jsonEqual(candidate[key], id));
    if (item[PATCH] === "delete") merged = merged.filter((candidate) => !jsonEqual(candidate[key], id));
    else if (position < 0) merged = [...merged, fresh(item)];
    else merged = merged.with(position, mergeObjects(merged[position]!, item));
  }
  return merged;
}

/** `$retainKeys` names the fields that stay (a union such as a volume's source changes its member). */
function retained(target: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch[RETAIN_KEYS];
  if (!Array.isArray(keys)) return target;
  return Object.fromEntries(Object.entries(target).filter(([field]) => keys.includes(field)));
}

function applyListDirectives(result: Map<string, Json | undefined>, patch: JsonObject): void {
  for (const [name, value] of Object.entries(patch)) {
    if (!Array.isArray(value)) continue;
    const list = (prefix: string): readonly Json[] | undefined => {
      const found = name.startsWith(prefix) ? result.get(name.slice(prefix.length)) : undefined;
      return Array.isArray(found) ? (found as readonly Json[]) : undefined;
    };
    const shortened = list(DELETE_VALUES);
    if (shortened)
      result.set(
        name.slice(DELETE_VALUES.length),
        shortened.filter((item) => !value.includes(item)),
      );
    const disordered = list(ORDER);
    const field = name.slice(ORDER.length);
    if (disordered) result.set(field, inOrder(disordered, value as readonly Json[], MERGE_KEYS[field]));
  }
}

/** Items the sender knows come in its order; the others keep their place relative to their neighbours. */
function inOrder(items: readonly Json[], order: readonly Json[], key: string | undefined): readonly Json[] {
  const idOf = (item: Json): Json | undefined => (key !== undefined && isObject(item) ? item[key] : item);
  const rankOf = (item: Json): number => order.findIndex((entry) => jsonEqual(idOf(entry), idOf(item)));
  const known = items.filter((item) => rankOf(item) >= 0).sort((a, b) => rankOf(a) - rankOf(b));
  const unknown = items.filter((item) => rankOf(item) < 0);
  const result: Json[] = [];
  for (const item of known) {
    while (unknown.length > 0 && items.indexOf(unknown[0]!) < items.indexOf(item)) result.push(unknown.shift()!);
    result.push(item);
  }
  return [...result, ...unknown];
}

/** What a patch adds where nothing was: without directives and nulls. */
function fresh(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(withoutDirectives(value))
      .filter(([, field]) => field !== null && field !== undefined)
      .map(([name, field]) => [name, freshValue(field!)]),
  );
}

function freshValue(value: Json): Json {
  if (isObject(value)) return fresh(value);
  return Array.isArray(value) ? (value as readonly Json[]).map(freshValue) : value;
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([name]) => !isDirective(name)));
}

function isDirective(name: string): boolean {
  return name === PATCH || name === RETAIN_KEYS || name.startsWith(ORDER) || name.startsWith(DELETE_VALUES);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
