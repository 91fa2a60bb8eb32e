/**
 * The JSON text of a body with every list of `managedFields` emptied. Nobody here reads them, and of a review they are the part that
 * takes longest to parse: very many keys, each seen once. It counts on text without blanks, as API servers send it; other text stays
 * as it is. It works on bytes, because that is faster than on the text; what is looked for is never part of a longer character.
 *
 * What stands there is the key of an object, whatever strings hold: after `{` or `,` a quotation mark is not escaped, and one that
 * closed a string would not be followed by a letter.
 */
export function withoutManagedFields(body: Buffer): string {
  let text = "";
  let from = 0;
  for (let at = body.indexOf(KEY_END); at >= 0; at = body.indexOf(KEY_END, from)) {
    const start = at + KEY_END.length;
    const end = isKey(body, at) ? endOfList(body, start) : start;
    if (end === undefined) break;
    text += body.toString("utf8", from, start);
    from = end;
  }
  return text + body.toString("utf8", from);
}

/** The search begins with a letter that is rare; stopping at every quotation mark would take ten times as long. */
const KEY_END = Buffer.from('Fields":[');
const KEY_START = '"managed';

function isKey(body: Buffer, at: number): boolean {
  const start = at - KEY_START.length;
  const before = body[start - 1];
  if (before !== OPENING_BRACE && before !== COMMA) return false;
  return body.toString("latin1", start, at) === KEY_START;
}

/** @returns where the bracket stands that closes the list; undefined when there is none */
function endOfList(body: Buffer, start: number): number | undefined {
  return endOfPlainList(body, start) ?? countedEnd(body, start);
}

/**
 * Managed fields are objects in objects, so the next bracket nearly always closes their list. It does when no list opens before it and
 * it is no part of a string: then a key of an object comes next, by its quotation mark as above.
 * @returns undefined when that cannot be told so fast
 */
function endOfPlainList(body: Buffer, start: number): number | undefined {
  const end = body.indexOf(CLOSING_BRACKET, start);
  if (end < 0) return undefined;
  const inner = body.indexOf(OPENING_BRACKET, start);
  if (inner >= 0 && inner < end) return undefined;
  let next = end + 1;
  while (body[next] === CLOSING_BRACE) next += 1;
  return body[next] === COMMA && body[next + 1] === QUOTE && isLetter(body[next + 2]) ? end : undefined;
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && byte >= LETTER_A && byte <= LETTER_Z;
}

function countedEnd(body: Buffer, start: number): number | undefined {
  let depth = 1;
  let isInString = false;
  for (let at = start; at < body.length; at += 1) {
    const byte = body[at];
    if (isInString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (byte === OPENING_BRACKET || byte === OPENING_BRACE) depth += 1;
    else if (byte === CLOSING_BRACKET || byte === CLOSING_BRACE) depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
const [OPENING_BRACKET, CLOSING_BRACKET, OPENING_BRACE, CLOSING_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
const [LETTER_A, LETTER_Z] = [0x61, 0x7a];
