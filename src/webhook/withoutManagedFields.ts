/**
 * The JSON text with every list of `managedFields` emptied. Nobody here reads them, and of a review they are the half that takes longest
 * to parse: thousands of keys, each seen once. It counts on text without blanks, as API servers send it; other text stays as it is.
 *
 * What stands there is the key of an object, whatever strings hold: after `{` or `,` a quotation mark is not escaped, and one that
 * closed a string would not be followed by a letter.
 */
export function withoutManagedFields(text: string): string {
  const kept: string[] = [];
  let from = 0;
  for (let at = text.indexOf(KEY); at >= 0; at = text.indexOf(KEY, from)) {
    const start = at + KEY.length;
    const end = isKey(text, at) ? endOfList(text, start) : start;
    if (end === undefined) break;
    kept.push(text.slice(from, start));
    from = end;
  }
  return kept.length === 0 ? text : kept.join("") + text.slice(from);
}

const KEY = '"managedFields":[';

function isKey(text: string, at: number): boolean {
  const before = text[at - 1];
  return before === "{" || before === ",";
}

/**
 * Unit by unit, which is faster than any pattern.
 * @returns where the bracket stands that closes the list; undefined when there is none
 */
function endOfList(text: string, start: number): number | undefined {
  let depth = 1;
  for (let at = start; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at + 1);
    else if (unit === OPENING_BRACKET || unit === OPENING_BRACE) depth += 1;
    else if (unit === CLOSING_BRACKET || unit === CLOSING_BRACE) depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  let at = start;
  for (let unit = text.charCodeAt(at); unit !== QUOTE && at < text.length; unit = text.charCodeAt(at)) {
    at += unit === BACKSLASH ? 2 : 1;
  }
  return at;
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPENING_BRACKET, CLOSING_BRACKET, OPENING_BRACE, CLOSING_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
