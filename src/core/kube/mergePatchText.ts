import { err, ok, type Result } from "../result.ts";
import { formatJsonText, isNull, type JsonText, parseJsonText, sortedObject } from "./jsonText.ts";

/**
 * A JSON merge patch on an annotation's text, byte for byte as pods have always got it: the keys of every object that took part are
 * sorted, the others keep their order; members that are null vanish from whatever the patch puts in, also inside its lists.
 * @returns the new text, or what is wrong with the old one or the patch
 */
export function mergePatchText(existing: string, patch: string): Result<string, string> {
  const target = parseJsonText(existing);
  if (!target.ok) return err(`the annotation cannot be merged: ${target.error}`);
  if (isNull(target.value)) return err("the annotation cannot be merged: it is null");
  const change = parsePatch(patch);
  return change.ok
    ? ok(formatJsonText(merge(target.value, change.value)))
    : err(`the patch cannot be used: ${change.error}`);
}

/** Why a text is no merge patch, so that admission can refuse it before a pod has to; undefined: it is one. */
export function mergePatchProblem(text: string): string | undefined {
  const patch = parsePatch(text);
  return patch.ok ? undefined : patch.error;
}

function parsePatch(text: string): Result<JsonText, string> {
  const patch = parseJsonText(text);
  return patch.ok && patch.value.kind === "scalar" ? err("it is neither an object nor a list") : patch;
}

function merge(target: JsonText | undefined, patch: JsonText): JsonText {
  if (target?.kind !== "object" || patch.kind !== "object") return withoutNulls(patch);
  const members = new Map(target.members);
  for (const [key, value] of patch.members) {
    if (isNull(value)) members.delete(key);
    else members.set(key, merge(members.get(key), value));
  }
  return sortedObject(members);
}

function withoutNulls(value: JsonText): JsonText {
  switch (value.kind) {
    case "scalar":
      return value;
    case "array":
      return { kind: "array", items: value.items.map(withoutNulls) };
    case "object": {
      const kept = value.members.filter(([, member]) => !isNull(member));
      return sortedObject(new Map(kept.map(([key, member]) => [key, withoutNulls(member)])));
    }
  }
}
