import type { Result } from "../result.ts";
import { err, ok } from "../result.ts";
import type { Json, JsonObject } from "./object.ts";

/**
 * Lists that a strategic merge patch merges item by item, and the field that tells the items apart. All other lists are replaced.
 * The names are unambiguous among the built-in kinds we know, except `ports`, which is a container's or a Service's.
 */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  conditions: ["type"],
  containers: ["name"],
  initContainers: ["name"],
  ephemeralContainers: ["name"],
  env: ["name"],
  ports: ["containerPort", "port"],
  volumeMounts: ["mountPath"],
  volumeDevices: ["devicePath"],
  volumes: ["name"],
  imagePullSecrets: ["name"],
  resourceClaims: ["name"],
  schedulingGates: ["name"],
  secrets: ["name"],
  webhooks: ["name"],
  hostAliases: ["ip"],
  podIPs: ["ip"],
  hostIPs: ["ip"],
  addresses: ["type"],
  topologySpreadConstraints: ["topologyKey"],
  ownerReferences: ["uid"],
};
/** Lists of plain values that are merged as sets. */
const MERGED_SETS: readonly string[] = ["finalizers"];

const DIRECTIVE = "$patch";
const RETAIN_KEYS = "$retainKeys";
const DELETE_FROM_LIST = "$deleteFromPrimitiveList/";
const ELEMENT_ORDER = "$setElementOrder/";

/**
 * Kubernetes' strategic merge patch for built-in kinds: maps merge, lists merge by key where the API says so, `null` deletes, and the
 * directives `$patch`, `$retainKeys`, `$deleteFromPrimitiveList` and `$setElementOrder` do as their names say.
 * @returns what is wrong with the patch, when it cannot be applied
 */
export function applyStrategicMergePatch(target: JsonObject, patch: JsonObject): Result<Json, string> {
  try {
    return ok(mergeMaps(target, patch));
  } catch (error) {
    if (error instanceof BadPatch) return err(error.message);
    throw error;
  }
}

/** Found deep inside the patch; becomes the Result at the door. */
class BadPatch extends Error {}

function mergeMaps(target: JsonObject, patch: JsonObject): JsonObject {
  const directive = patch[DIRECTIVE];
  if (directive === "delete") return {};
  if (directive === "replace") return withoutNulls(without(patch, [DIRECTIVE]));
  if (directive !== undefined && directive !== "merge")
    throw new BadPatch(`Unknown patch type found: ${String(directive)}`);
  const merged = new Map<string, Json | undefined>(Object.entries(retained(target, patch[RETAIN_KEYS])));
  for (const [field, value] of Object.entries(patch)) {
    if (field === DIRECTIVE || field === RETAIN_KEYS || field.startsWith(ELEMENT_ORDER)) continue;
    if (field.startsWith(DELETE_FROM_LIST)) {
      const list = field.slice(DELETE_FROM_LIST.length);
      merged.set(
        list,
        asList(merged.get(list)).filter((item) => !asList(value).includes(item)),
      );
    } else if (value === null) merged.delete(field);
    else if (value !== undefined) merged.set(field, mergeValue(field, merged.get(field), value, patch));
  }
  return Object.fromEntries(merged);
}

function retained(target: JsonObject, keys: Json | undefined): JsonObject {
  if (keys === undefined) return target;
  const kept = asList(keys);
  return Object.fromEntries(Object.entries(target).filter(([field]) => kept.includes(field)));
}

function mergeValue(field: string, target: Json | undefined, value: Json, patch: JsonObject): Json {
  if (isMap(value)) return isMap(target) ? mergeMaps(target, value) : withoutNulls(mergeMaps({}, value));
  if (!isList(value)) return value;
  const list = isList(target) ? target : [];
  if (MERGED_SETS.includes(field)) return [...list, ...value.filter((item) => !list.includes(item))];
  const key = mergeKeyOf(field, [...value, ...list]);
  return key === undefined ? withoutNullsDeep(value) : mergeLists(list, value, key, patch[ELEMENT_ORDER + field]);
}

function mergeKeyOf(field: string, items: readonly Json[]): string | undefined {
  const keys = MERGE_KEYS[field];
  if (!keys || !items.every(isMap)) return undefined;
  return keys.find((key) => items.some((item) => isMap(item) && key in item)) ?? keys[0];
}

function mergeLists(list: readonly Json[], patch: readonly Json[], key: string, order: Json | undefined): Json[] {
  const items = patch.filter(isMap);
  if (items.some((item) => item[DIRECTIVE] === "replace"))
    return items.filter((item) => item[DIRECTIVE] !== "replace").map(withoutNulls);
  const keyless = items.find((item) => item[key] === undefined);
  if (keyless) throw new BadPatch(`map: ${JSON.stringify(keyless)} does not contain declared merge key: ${key}`);
  const stored = new Map(list.filter(isMap).map((item) => [item[key], item]));
  const deleted = new Set(items.filter((item) => item[DIRECTIVE] === "delete").map((item) => item[key]));
  const changed = new Map(
    items
      .filter((item) => !deleted.has(item[key]))
      .map((item) => [item[key], withoutNulls(mergeMaps(stored.get(item[key]) ?? {}, item))]),
  );
  const remaining = new Map([...stored].filter(([id]) => !deleted.has(id) && !changed.has(id)));
  const wanted =
    order === undefined ? [...changed.keys()] : asList(order).map((item) => (isMap(item) ? item[key] : item));
  return ordered({ changed, remaining, wanted, before: [...stored.keys()] });
}

/** What the patch names keeps the patch's order, the rest its old one; where neither decides, what the patch names comes first. */
function ordered(lists: {
  readonly changed: ReadonlyMap<Json | undefined, JsonObject>;
  readonly remaining: ReadonlyMap<Json | undefined, JsonObject>;
  readonly wanted: readonly (Json | undefined)[];
  readonly before: readonly (Json | undefined)[];
}): JsonObject[] {
  const { changed, remaining, wanted, before } = lists;
  const named = [...new Set([...wanted, ...changed.keys()])].filter((id) => changed.has(id) || remaining.has(id));
  const rest = [...remaining.keys()].filter((id) => !named.includes(id));
  const result: (Json | undefined)[] = [];
  while (named.length > 0 || rest.length > 0) {
    const [left, right] = [before.indexOf(named[0]), before.indexOf(rest[0])];
    const restFirst = named.length === 0 || (rest.length > 0 && left >= 0 && right < left);
    result.push(restFirst ? rest.shift() : named.shift());
  }
  return result.map((id) => (changed.get(id) ?? remaining.get(id))!);
}

function withoutNulls(map: JsonObject): JsonObject {
  return without(
    map,
    Object.keys(map).filter((field) => map[field] === null),
  );
}

function withoutNullsDeep(value: Json): Json {
  if (isList(value)) return value.map(withoutNullsDeep);
  if (!isMap(value)) return value;
  const fields = Object.entries(withoutNulls(value)).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return Object.fromEntries(fields.map(([field, content]) => [field, withoutNullsDeep(content)]));
}

function without(map: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(map).filter(([field]) => !fields.includes(field)));
}

function asList(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
