import { oncePerText } from "../oncePerText.ts";
import { isJsonList, type Json, type JsonObject } from "./object.ts";

/**
 * A value that becomes part of many JSON texts: its own text is put together now, and kept for as long as the value lives. Neither it
 * nor anything in it may ever change.
 */
export function keepText<T extends object>(value: T): T {
  if (!TEXTS.has(value)) TEXTS.set(value, JSON.stringify(value));
  return value;
}

/**
 * What `JSON.stringify` writes, with the kept texts of parts put in.
 * @param depth how many levels of lists and objects are looked through for such parts; below, looking costs more than writing
 */
export function jsonText(value: Json, depth: number): string {
  if (typeof value === "string") return stringText(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const kept = TEXTS.get(value);
  if (kept !== undefined) return kept;
  if (depth === 0) return JSON.stringify(value);
  return isJsonList(value) ? listText(value, depth - 1) : objectText(value, depth - 1);
}

const TEXTS = new WeakMap<object, string>();

function listText(list: readonly Json[], depth: number): string {
  let text = "";
  for (let index = 0; index < list.length; index += 1) text += (index === 0 ? "" : ",") + jsonText(list[index]!, depth);
  return `[${text}]`;
}

function objectText(object: JsonObject, depth: number): string {
  let text = "";
  for (const key in object) {
    const member = object[key];
    if (member !== undefined) text += (text === "" ? "" : ",") + keyText(key) + jsonText(member, depth);
  }
  return `{${text}}`;
}

/** The keys of what we write are few. */
const keyText = oncePerText((key) => `${stringText(key)}:`);

/** A call of `JSON.stringify` takes much longer than looking whether there is anything to escape. */
function stringText(text: string): string {
  return NOTHING_TO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text);
}

const NOTHING_TO_ESCAPE = /^[ !#-[\]-~]*$/;
