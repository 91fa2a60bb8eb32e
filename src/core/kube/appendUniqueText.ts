import { err, ok, type Result } from "../result.ts";
import { encodeString } from "./goJson.ts";
import { formatJsonText, type JsonText, parseJsonText, sortedObject } from "./jsonText.ts";

/**
 * The union of two lists that stand in texts, each a JSON list or items between commas. The existing text decides the form; its items
 * come first and stay as they are. When nothing is to be added the text stays untouched, byte for byte.
 * @returns the new text, or why the two cannot be joined
 */
export function appendUniqueText(existing: string | undefined, patch: string): Result<string, string> {
  const added = parseList(patch);
  if (!added.ok) return err(`the patch cannot be used: ${added.error}`);
  if (existing === undefined || existing.trim() === "") return ok(withoutRepetition(patch, added.value));
  const target = parseList(existing);
  if (!target.ok) return err(`the annotation cannot be appended to: ${target.error}`);
  const missing = missingItems(target.value.items, added.value.items);
  return missing.length === 0 ? ok(existing) : formatList(target.value.form, [...target.value.items, ...missing]);
}

/** Why a text is no list, so that admission can refuse it before a pod has to; undefined: it is one. */
export function listProblem(text: string): string | undefined {
  const list = parseList(text);
  return list.ok ? undefined : list.error;
}

type ListForm = "json" | "commas";

interface List {
  readonly form: ListForm;
  /** The items of a comma list are JSON texts here too. */
  readonly items: readonly JsonText[];
}

/** Everything that is no JSON list or object is a comma list. Empty items between commas do not count. */
function parseList(text: string): Result<List, string> {
  const json = /^\s*[[{]/.test(text) ? parseJsonText(text) : undefined;
  if (json?.ok && json.value.kind === "array") return ok({ form: "json", items: json.value.items });
  if (json?.ok) return err("it is a JSON object, and only lists can be joined");
  const parts = text.split(",").map((part) => part.trim());
  return ok({ form: "commas", items: parts.filter((part) => part !== "").map(textItem) });
}

function withoutRepetition(text: string, { form, items }: List): string {
  const unique = missingItems([], items);
  if (unique.length === items.length) return text;
  const formatted = formatList(form, unique);
  return formatted.ok ? formatted.value : text;
}

function missingItems(present: readonly JsonText[], wanted: readonly JsonText[]): readonly JsonText[] {
  const known = new Set(present.map(identityOf));
  return wanted.filter((item) => {
    const identity = identityOf(item);
    const isNew = !known.has(identity);
    known.add(identity);
    return isNew;
  });
}

/** Equal for items that mean the same, however their texts and the order of their members are written. */
function identityOf(item: JsonText): string {
  return formatJsonText(canonical(item));
}

function canonical(item: JsonText): JsonText {
  switch (item.kind) {
    case "scalar":
      return item.text.startsWith('"') ? textItem(JSON.parse(item.text) as string) : item;
    case "array":
      return { kind: "array", items: item.items.map(canonical) };
    case "object":
      return sortedObject(new Map(item.members.map(([key, member]) => [key, canonical(member)])));
  }
}

function formatList(form: ListForm, items: readonly JsonText[]): Result<string, string> {
  if (form === "json") return ok(formatJsonText({ kind: "array", items }));
  const texts: string[] = [];
  for (const item of items) {
    const text = plainText(item);
    if (text === undefined) {
      return err(`the annotation cannot be appended to: it is a comma list, which cannot hold ${formatJsonText(item)}`);
    }
    texts.push(text);
  }
  return ok(texts.join(","));
}

/** The text that reads as the same single item between commas; undefined when there is none. */
function plainText(item: JsonText): string | undefined {
  if (item.kind !== "scalar" || !item.text.startsWith('"')) return undefined;
  const text = JSON.parse(item.text) as string;
  return text === "" || text !== text.trim() || text.includes(",") ? undefined : text;
}

function textItem(text: string): JsonText {
  return { kind: "scalar", text: encodeString(text) };
}
