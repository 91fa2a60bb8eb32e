import fastJsonPatch from "fast-json-patch";
import { applyPatch as applyRfc6902 } from "rfc6902";
import { expect } from "vitest";
import { applyJsonPatch, type JsonPatch } from "../../src/core/kube/jsonPatch.ts";
import { isJsonObject, type Json, type JsonObject } from "../../src/core/kube/object.ts";

export function patched(pod: unknown, patch: JsonPatch): JsonObject {
  const result = applyJsonPatch(pod as Json, patch);
  if (!result.ok) throw new Error(result.error);
  return result.value as JsonObject;
}

/** Both libraries work on the document itself; neither can write names that JavaScript gives a meaning to. */
export function expectSameOfOthers(text: string, patch: JsonPatch, after: JsonObject): void {
  if (/"__proto__"|"constructor"|"prototype"|\/(?:__proto__|constructor|prototype)\b/.test(JSON.stringify(patch)))
    return;
  const operations = () => JSON.parse(JSON.stringify(patch)) as never;
  const one = JSON.parse(text) as unknown;
  expect(applyRfc6902(one, operations()).filter((error) => error !== null)).toEqual([]);
  expect(canonical(one)).toBe(canonical(after));
  const other = fastJsonPatch.applyPatch(JSON.parse(text), operations(), true).newDocument as unknown;
  expect(canonical(other)).toBe(canonical(after));
}

/** Lists that injection adds to; whatever stands in them stays, in its order. */
const GROWING = ["containers", "initContainers", "volumes", "imagePullSecrets"];

/** @param patchedKeys labels that SidecarSets may write; annotations are not looked at here */
export function expectKept(before: JsonObject, after: JsonObject, patchedKeys: ReadonlySet<string> = new Set()): void {
  const [specBefore, specAfter] = [before.spec as JsonObject, after.spec as JsonObject];
  expect(canonical(without(after, ["spec", "metadata"]))).toBe(canonical(without(before, ["spec", "metadata"])));
  expect(canonical(without(specAfter, GROWING))).toBe(canonical(without(specBefore, GROWING)));
  const metadata = ({ metadata: given }: JsonObject) => {
    const { labels, ...rest } = without(given as JsonObject, ["annotations"]);
    return { ...rest, labels: isJsonObject(labels) ? without(labels, [...patchedKeys]) : (labels ?? null) };
  };
  expect(canonical(metadata(after))).toBe(canonical(metadata(before)));
  for (const list of GROWING) {
    const rest = ((specAfter[list] ?? []) as readonly Json[]).map(canonical);
    let from = 0;
    // Of several secrets with one name the first counts.
    const own = list === "imagePullSecrets" ? firstOfEachName(specBefore[list]) : specBefore[list];
    for (const item of ((own ?? []) as readonly Json[]).map(canonical)) {
      const at = rest.indexOf(item, from);
      expect(at, `${list} lost ${item}`).toBeGreaterThanOrEqual(from);
      from = at + 1;
    }
  }
}

function firstOfEachName(list: Json | undefined): Json | undefined {
  const items = list as readonly { readonly name?: string }[] | null | undefined;
  const names = items?.map(({ name }) => name ?? "");
  return items?.filter(({ name }, index) => names?.indexOf(name ?? "") === index);
}

function without(object: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));
}

/** As text, with the members in the order of their names. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    isJsonObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}
