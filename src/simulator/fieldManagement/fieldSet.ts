import { isRecord } from "../apiObject.ts";

/**
 * A set of places in an object, as a tree. A step down is written as in `metadata.managedFields`: `f:spec` a field,
 * `k:{"name":"app"}` the item of a list that is a map, `v:"a"` the member of a list that is a set.
 */
export interface FieldSet {
  /** The place itself belongs to the set, not only something below it. */
  readonly member: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const NO_FIELDS: FieldSet = { member: false, children: new Map() };
export const THE_PLACE: FieldSet = { member: true, children: new Map() };

export function isEmptySet({ member, children }: FieldSet): boolean {
  return !member && children.size === 0;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  return combined(a, b, (inA, inB) => inA || inB);
}

export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combined(a, b, (inA, inB) => inA && !inB);
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combined(a, b, (inA, inB) => inA && inB);
}

function combined(a: FieldSet, b: FieldSet, belongs: (inA: boolean, inB: boolean) => boolean): FieldSet {
  if (isEmptySet(b)) return belongs(true, false) ? a : NO_FIELDS;
  if (isEmptySet(a)) return belongs(false, true) ? b : NO_FIELDS;
  const steps = belongs(false, true) ? new Set([...a.children.keys(), ...b.children.keys()]) : a.children.keys();
  return {
    member: belongs(a.member, b.member),
    children: childrenOf([...steps].map((step) => [step, combined(at(a, step), at(b, step), belongs)])),
  };
}

/** Everything below the places of `b` goes as well. */
export function withoutBelow(a: FieldSet, b: FieldSet): FieldSet {
  if (b.member) return NO_FIELDS;
  if (b.children.size === 0) return a;
  const children = [...a.children].map(([step, child]): [string, FieldSet] => [step, withoutBelow(child, at(b, step))]);
  return { member: a.member, children: childrenOf(children) };
}

export function at(set: FieldSet, step: string): FieldSet {
  return set.children.get(step) ?? NO_FIELDS;
}

/** Children that hold nothing are no children. */
export function childrenOf(entries: readonly (readonly [string, FieldSet])[]): ReadonlyMap<string, FieldSet> {
  return new Map(entries.filter(([, child]) => !isEmptySet(child)));
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.member !== b.member || a.children.size !== b.children.size) return false;
  return [...a.children].every(([step, child]) => sameSet(child, at(b, step)));
}

/** `{"f:spec":{".":{},"f:replicas":{}}}`: a leaf that belongs to the set is written `{}`, anything else that does gets a `.`. */
export function toFieldsV1(set: FieldSet): Record<string, unknown> {
  let fields = written.get(set);
  if (!fields) {
    fields = write(set);
    written.set(set, fields);
  }
  return fields;
}

const written = new WeakMap<FieldSet, Record<string, unknown>>();

function write(set: FieldSet): Record<string, unknown> {
  const children = [...set.children].sort(([a], [b]) => (a < b ? -1 : 1));
  const below = children.map(([step, child]): [string, unknown] => [step, write(child)]);
  return Object.fromEntries(set.member && below.length > 0 ? [[".", {}], ...below] : below);
}

/** @returns undefined when it is no field set */
export function fromFieldsV1(fields: unknown): FieldSet | undefined {
  if (!isRecord(fields)) return undefined;
  const children = new Map<string, FieldSet>();
  for (const [step, below] of Object.entries(fields)) {
    if (step === ".") continue;
    const child = fromFieldsV1(below);
    if (!child || !/^[fkvi]:/.test(step)) return undefined;
    children.set(step, child.children.size === 0 ? THE_PLACE : child);
  }
  return { member: "." in fields, children };
}

/** `.spec.containers[name="app"].image`, one text for each place of the set. */
export function placesOf(set: FieldSet, path = ""): string[] {
  const own = set.member ? [path] : [];
  return [...own, ...[...set.children].flatMap(([step, child]) => placesOf(child, path + stepText(step)))];
}

function stepText(step: string): string {
  const text = step.slice(2);
  if (step.startsWith("f:")) return `.${text}`;
  if (step.startsWith("v:")) return `[=${text}]`;
  const keys = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
}
