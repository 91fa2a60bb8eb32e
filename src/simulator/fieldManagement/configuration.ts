import type { StructuralSchema } from "../customResourceSchema.ts";
import { at, type FieldSet, isEmptySet } from "./fieldSet.ts";
import { keySteps, type Part, partsOf, withParts } from "./parts.ts";

/** The object with everything the configuration says; lists with keys keep the items it does not name. */
export function merged(live: unknown, configuration: unknown, schema: StructuralSchema): unknown {
  const [old, wanted] = [partsOf(live, schema), partsOf(configuration, schema)];
  if (!old || !wanted) return configuration;
  return withParts(
    configuration,
    stepsInOrder([...old.keys()], [...wanted.keys()]).map((step) => [
      step,
      mergedPart(old.get(step), wanted.get(step)),
    ]),
  );
}

function mergedPart(old: Part | undefined, wanted: Part | undefined): unknown {
  if (!wanted) return old!.value;
  return old ? merged(old.value, wanted.value, wanted.schema) : wanted.value;
}

/** The configuration's order; what it does not name stays before what it stood before. */
function stepsInOrder(old: readonly string[], wanted: readonly string[]): string[] {
  const known = new Set(wanted);
  const result: string[] = [];
  const placed = new Set<string>();
  const place = (step: string): void => {
    if (!placed.has(step)) result.push(step);
    placed.add(step);
  };
  let next = 0;
  for (const step of old) {
    if (!known.has(step)) {
      place(step);
      continue;
    }
    while (!placed.has(step) && next < wanted.length) place(wanted[next++]!);
  }
  for (const step of wanted.slice(next)) place(step);
  return result;
}

/**
 * Takes away what the configuration before held and this one does not, unless somebody else owns it.
 * @param last what this manager's configuration held before
 * @param owned what anybody owns now, this manager's new configuration included
 */
export function pruned(value: unknown, schema: StructuralSchema, last: FieldSet, owned: FieldSet): unknown {
  const parts = partsOf(value, schema);
  if (!parts || last.children.size === 0) return value;
  const kept = [...parts].flatMap(([step, part]): [string, unknown][] => {
    const before = at(last, step);
    if (isEmptySet(before)) return [[step, part.value]];
    const now = at(owned, step);
    const isOwned = part.declared ? !isEmptySet(now) : now.member;
    const wasHeld = before.member || part.declared;
    if (wasHeld && !isOwned) return [];
    return [[step, prunedPart(part, schema, before, now)]];
  });
  return withParts(value, kept);
}

/** An item that stays keeps the fields by which it is known. */
function prunedPart(part: Part, list: StructuralSchema, last: FieldSet, owned: FieldSet): unknown {
  const keys = part.declared ? [] : keySteps(list);
  const children = new Map([...last.children].filter(([step]) => !keys.includes(step)));
  return pruned(part.value, part.schema, { ...last, children }, owned);
}
