import { jsonEqual } from "../core/kube/jsonPatch.ts";
import type { Json, KubeObject, ObjectMeta } from "../core/kube/object.ts";

/** An object as the API server stores and hands it out. Shared by everyone who reads it and never changed. */
export type ApiObject = KubeObject & { readonly [field: string]: unknown };

export function withMeta(object: ApiObject, changes: Partial<Record<keyof ObjectMeta, unknown>>): ApiObject {
  return { ...object, metadata: withoutUndefined({ ...object.metadata, ...changes }) as ObjectMeta };
}

/** Plain JSON of our own: nothing shared with the caller, no `undefined` left in it. */
export function cloneJson<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

export function sameJson(a: unknown, b: unknown): boolean {
  return jsonEqual(a as Json, b as Json);
}

export function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Nested field of an open object, undefined where the path breaks off. */
export function fieldAt(object: unknown, ...path: readonly string[]): unknown {
  let value = object;
  for (const segment of path) value = isRecord(value) ? value[segment] : undefined;
  return value;
}

/** `web` or `ns-1/web`: the key of an object within its resource, in the order lists are answered. */
export function storageKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
}
