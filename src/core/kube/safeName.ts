/** Letters and digits that spell no words and look unlike each other; Kubernetes builds generated names from them. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** Each character replaced by a safe one: Kubernetes' `SafeEncodeString`. */
export function safeEncode(text: string): string {
  return Array.from(text, (character) => ALPHABET[character.codePointAt(0)! % ALPHABET.length]).join("");
}

/** FNV-1 over the UTF-8 bytes, 32 bits. */
export function fnv1(text: string): number {
  return new TextEncoder().encode(text).reduce((sum, byte) => (Math.imul(sum, 16777619) ^ byte) >>> 0, 2166136261);
}
