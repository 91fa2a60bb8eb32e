import { memberPath } from "./fieldPath.ts";
import { isJsonList, isJsonObject, type Json } from "./object.ts";
import type { Field, Shape } from "./shape.ts";

/** A field that the shape does not have. */
export interface UnknownField {
  /** Path as Kubernetes writes it. */
  readonly field: string;
  /** The field of that place that was meant, most likely. */
  readonly meant: string | undefined;
}

/** Every field of the value that its shape does not have; what is below such a field is not looked at. */
export function unknownFields(value: Json | undefined, shape: Shape, path = ""): UnknownField[] {
  if (shape.kind === "list" && isJsonList(value)) {
    return value.flatMap((item, index) => unknownFields(item, shape.item, `${path}[${index}]`));
  }
  if (!isJsonObject(value)) return [];
  if (shape.kind === "map") {
    return Object.entries(value).flatMap(([key, member]) => unknownFields(member, shape.value, `${path}[${key}]`));
  }
  if (shape.kind !== "object") return [];
  const fields = new Map(shape.fields.map((field) => [field.name, field.shape]));
  return Object.entries(value).flatMap(([name, member]) => {
    const known = fields.get(name);
    const field = memberPath(path, name);
    return known ? unknownFields(member, known, field) : [{ field, meant: nearest(name, shape.fields) }];
  });
}

const MOST_SLIPS = 2;

/** Two slips in a name of three letters leave nothing of it, so short names are matched more closely. */
function nearest(name: string, fields: readonly Field[]): string | undefined {
  const allowed = Math.min(MOST_SLIPS, Math.floor(name.length / 2));
  const distances = fields
    .filter((field) => Math.abs(field.name.length - name.length) <= allowed)
    .map((field) => ({ name: field.name, distance: editDistance(name.toLowerCase(), field.name.toLowerCase()) }));
  return distances
    .filter(({ distance }) => distance <= allowed)
    .sort((left, right) => left.distance - right.distance)[0]?.name;
}

/** Letters to insert, delete or replace, and neighbours to swap, until one text is the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          last[column]! + 1,
          current[column - 1]! + 1,
          last[column - 1]! + (same ? 0 : 1),
          swapped ? beforeLast[column - 2]! + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length]!;
}
