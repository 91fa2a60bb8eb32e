import { encodeSorted } from "../kube/goJson.ts";
import { isJsonList, isJsonObject, type Json } from "../kube/object.ts";
import type { Shape } from "../kube/shape.ts";

/**
 * What differs between two values of one type, as paths behind that of the value: `.resources.limits[cpu]`, `.env[1].value`. As deep
 * as both sides have the same structure: a list that got longer differs as a whole.
 */
export function changedFields(before: Json | undefined, after: Json | undefined, shape: Shape): readonly string[] {
  if (isSame(before, after)) return [];
  return (
    membersOf(before, after, shape)?.flatMap(({ path, was, is, shape: member }) =>
      changedFields(was, is, member).map((below) => path + below),
    ) ?? [""]
  );
}

interface Member {
  readonly path: string;
  readonly was: Json | undefined;
  readonly is: Json | undefined;
  readonly shape: Shape;
}

/** Undefined when the two cannot be compared part by part. */
function membersOf(before: Json | undefined, after: Json | undefined, shape: Shape): readonly Member[] | undefined {
  if (shape.kind === "list" && isJsonList(before) && isJsonList(after) && before.length === after.length) {
    return after.map((is, index) => ({ path: `[${index}]`, was: before[index], is, shape: shape.item }));
  }
  if (!isJsonObject(before) || !isJsonObject(after)) return undefined;
  if (shape.kind === "object") {
    return shape.fields.map(({ name, shape: member }) => ({
      path: `.${name}`,
      was: before[name],
      is: after[name],
      shape: member,
    }));
  }
  if (shape.kind !== "map") return undefined;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.map((key) => ({ path: `[${key}]`, was: before[key], is: after[key], shape: shape.value }));
}

function isSame(left: Json | undefined, right: Json | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return encodeSorted(left) === encodeSorted(right);
}
