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
  const [old, now] = [before, after].map((value) => partsOf(value, schema));
  const wholes = (before !== undefined && !old) || (after !== undefined && !now);
  if (wholes || (old?.size ?? 0) + (now?.size ?? 0) === 0) return compareWholes(before, after);
  const steps = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])];
  const below = steps.map((step): [string, Comparison] => [step, compareParts(old?.get(step), now?.get(step))]);
  const set = (kind: keyof Comparison, member: boolean): FieldSet => ({
    member,
    children: childrenOf(below.map(([step, comparison]) => [step, comparison[kind]])),
  });
  return {
    added: set("added", before === undefined),
    modified: set("modified", false),
    removed: set("removed", after === undefined),
  };
}

function compareParts(before: Part | undefined, after: Part | undefined): Comparison {
  return compareValues(before?.value, after?.value, (before ?? after)!.schema);
}

function compareWholes(before: unknown, after: unknown): Comparison {
  if (before === undefined) return { ...NOTHING, added: THE_PLACE };
  if (after === undefined) return { ...NOTHING, removed: THE_PLACE };
  return sameJson(before, after) ? NOTHING : { ...NOTHING, modified: THE_PLACE };
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
