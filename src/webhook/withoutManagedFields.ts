/**
 * The JSON text of a body with every list of `managedFields` emptied. Nobody here reads them, and of a review they are the part that
 * takes longest to parse: very many keys, each seen once. It counts on text without blanks, as API servers send it; other text stays
 * as it is. Byte by byte, because that is faster than on the text; what is looked for is never part of a longer character.
 *
 * What stands there is the key of an object, whatever strings hold: after `{` or `,` a quotation mark is not escaped, and one that
 * closed a string would not be followed by a letter.
 */
export function withoutManagedFields(body: Buffer): string {
  let text = "";
  let from = 0;
  for (let at = body.indexOf(KEY); at >= 0; at = body.indexOf(KEY, from)) {
    const start = at + KEY.length;
    const end = isKey(body, at) ? endOfList(body, start) : start;
    if (end === undefined) break;
    text += body.toString("utf8", from, start);
    from = end;
  }
  return text + body.toString("utf8", from);
}

const KEY = Buffer.from('"managedFields":[');

function isKey(body: Buffer, at: number): boolean {
  const before = body[at - 1];
  return before === OPENING_BRACE || before === COMMA;
}

/** @returns where the bracket stands that closes the list; undefined when there is none */
function endOfList(body: Buffer, start: number): number | undefined {
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
