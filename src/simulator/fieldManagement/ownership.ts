import { err, ok, type Result } from "../../core/result.ts";
import type { StructuralSchema } from "../customResourceSchema.ts";
import { compareValues, fieldsOf, written } from "./comparison.ts";
import { merged, pruned } from "./configuration.ts";
import {
  difference,
  type FieldSet,
  fromFieldsV1,
  intersection,
  isEmptySet,
  NO_FIELDS,
  sameSet,
  union,
  withoutBelow,
} from "./fieldSet.ts";
import { find, isSame, type Manager, type Writer } from "./managers.ts";

/** What the rules of ownership need to know about a write. */
export interface Write {
  readonly live: unknown;
  readonly schema: StructuralSchema;
  readonly managers: readonly Manager[];
  readonly writer: Writer;
  readonly now: string;
  /** What nobody can own through this door, because it has a door of its own (status). */
  readonly unowned: FieldSet;
}

/** Somebody else's fields that an apply would change. */
export interface Conflict {
  readonly with: Manager;
  readonly fields: FieldSet;
}

/** The managers after an update: the writer owns what it changed, everybody else loses that. */
export function managersAfterUpdate(write: Write, next: unknown): readonly Manager[] {
  const { live, schema, managers, writer, now, unowned } = write;
  const change = compareValues(live, next, schema);
  const changed = ownable(written(change), unowned);
  const taken = union(changed, change.removed);
  if (isEmptySet(taken)) return managers;
  const others = managers.filter((one) => !isSame(one, writer)).map((one) => losing(one, taken));
  const old = find(managers, writer);
  const owned = union(difference(old?.fields ?? NO_FIELDS, change.removed), changed);
  const time = old && isEmptySet(changed) ? old.time : now;
  // The same set again is the same object, so that it is written down only once.
  const fields = old && sameSet(old.fields, owned) ? old.fields : owned;
  return [...others, { ...writer, time, fields }];
}

export interface Applied {
  readonly object: unknown;
  readonly managers: readonly Manager[];
}

/** The object and its managers after an apply; conflicts unless it is forced or nobody else owns what it changes. */
export function applyConfiguration(
  write: Write,
  configuration: unknown,
  { force }: { readonly force: boolean },
): Result<Applied, readonly Conflict[]> {
  const { live, schema, managers, writer, now, unowned } = write;
  const last = find(managers, writer)?.fields ?? NO_FIELDS;
  const held = ownable(fieldsOf(configuration, schema), unowned);
  const others = managers.filter((one) => !isSame(one, writer));
  const owned = others.reduce((set, one) => union(set, one.fields), held);
  const object = pruned(merged(live, configuration, schema), schema, last, owned);
  const change = compareValues(live, object, schema);
  const conflicts = others
    .map((one) => ({ with: one, fields: intersection(one.fields, written(change)) }))
    .filter(({ fields }) => !isEmptySet(fields));
  if (conflicts.length > 0 && !force) return err(conflicts);
  const taken = union(written(change), change.removed);
  const old = find(managers, writer);
  const time = old && sameSet(old.fields, held) ? old.time : now;
  return ok({ object, managers: [...others.map((one) => losing(one, taken)), { ...writer, time, fields: held }] });
}

function losing(manager: Manager, taken: FieldSet): Manager {
  const fields = difference(manager.fields, taken);
  return sameSet(fields, manager.fields) ? manager : { ...manager, fields };
}

function ownable(fields: FieldSet, unowned: FieldSet): FieldSet {
  return difference(withoutBelow(fields, unowned), SYSTEM_FIELDS);
}

/** What nobody ever owns: it says which object this is, or the server decides it. */
const SYSTEM_FIELDS: FieldSet = fromFieldsV1({
  "f:apiVersion": {},
  "f:kind": {},
  "f:metadata": Object.fromEntries(
    [
      ".",
      "f:name",
      "f:namespace",
      "f:uid",
      "f:creationTimestamp",
      "f:deletionTimestamp",
      "f:deletionGracePeriodSeconds",
      "f:selfLink",
      "f:generation",
      "f:managedFields",
      "f:resourceVersion",
    ].map((step) => [step, {}]),
  ),
})!;
