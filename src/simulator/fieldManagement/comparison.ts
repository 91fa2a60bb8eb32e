import { sameJson } from "../apiObject.ts";
import type { StructuralSchema } from "../customResourceSchema.ts";
import { childrenOf, type FieldSet, NO_FIELDS, THE_PLACE, union } from "./fieldSet.ts";
import { type Part, partsOf } from "./parts.ts";

/** What a write did. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

const NOTHING: Comparison = { added: NO_FIELDS, modified: NO_FIELDS, removed: NO_FIELDS };

export function compareValues(before: unknown, after: unknown, schema: StructuralSchema): Comparison {
  if (before === after) return NOTHING;
  if (before === undefined) return { ...NOTHING, added: everyPlace(after, schema) };
  if (after === undefined) return { ...NOTHING, removed: everyPlace(before, schema) };
  // Most parts of an object are not touched by a write: they are passed over before anything is taken apart.
  if (sameJson(before, after)) return NOTHING;
  const [old, now] = [partsOf(before, schema), partsOf(after, schema)];
  if (!old || !now) return { ...NOTHING, modified: THE_PLACE };
  const below: [string, Comparison][] = [];
  for (const [step, part] of now) below.push([step, compareParts(old.get(step), part)]);
  for (const [step, part] of old) if (!now.has(step)) below.push([step, compareParts(part, undefined)]);
  const set = (kind: keyof Comparison): FieldSet => {
    const children = childrenOf(below.map(([step, comparison]) => [step, comparison[kind]]));
    return children.size > 0 ? { member: false, children } : NO_FIELDS;
  };
  return { added: set("added"), modified: set("modified"), removed: set("removed") };
}

/** The value itself and everything it consists of. */
function everyPlace(value: unknown, schema: StructuralSchema): FieldSet {
  const parts = partsOf(value, schema);
  if (!parts || parts.size === 0) return THE_PLACE;
  const children = new Map<string, FieldSet>();
  for (const [step, part] of parts) children.set(step, everyPlace(part.value, part.schema));
  return { member: true, children };
}

function compareParts(before: Part | undefined, after: Part | undefined): Comparison {
  return compareValues(before?.value, after?.value, (before ?? after)!.schema);
}

/** What was written, whether or not it was there before. */
export function written({ added, modified }: Comparison): FieldSet {
  return union(added, modified);
}

/** Every place a configuration speaks of: what is taken as a whole, list items, keys of maps, and objects that are empty. */
export function fieldsOf(value: unknown, schema: StructuralSchema): FieldSet {
  const parts = partsOf(value, schema);
  if (!parts) return THE_PLACE;
  return {
    member: false,
    children: new Map(
      [...parts].map(([step, part]) => {
        const below = fieldsOf(part.value, part.schema);
        return [step, { ...below, member: below.member || !part.declared || below.children.size === 0 }];
      }),
    ),
  };
}
