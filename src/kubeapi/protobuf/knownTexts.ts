/**
 * The texts that came last, by their bytes: pods say the same names, images, keys and types over and over, and to find one here costs a
 * fraction of decoding it anew. Each place of the table holds one text, so that it never grows; nobody sees whether a text is known.
 */
export class KnownTexts {
  readonly #places: (string | undefined)[] = new Array<undefined>(PLACES).fill(undefined);

  /** The text in these bytes when all of them are ASCII and there are not too many. */
  of(bytes: Buffer, start: number, end: number): string | undefined {
    if (end - start > LONGEST) return undefined;
    let hash = end - start;
    let all = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      hash = (Math.imul(hash, 31) + byte) | 0;
      all |= byte;
    }
    if (all > ASCII) return undefined;
    const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
    const known = this.#places[place];
    if (known !== undefined && isSame(known, bytes, start, end)) return known;
    const text = bytes.toString("latin1", start, end);
    this.#places[place] = text;
    return text;
  }
}

const PLACES = 8192;
/** A place holds no more, so that all of them hold less than a megabyte. */
const LONGEST = 96;
const ASCII = 0x7f;

function isSame(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}
