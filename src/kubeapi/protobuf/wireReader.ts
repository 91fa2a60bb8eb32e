import { isUtf8 } from "node:buffer";
import { ClusterError } from "../../cluster/clusterError.ts";
import { KnownTexts } from "./knownTexts.ts";

/** How a value is written; groups (3 and 4) are as old as protobuf and never used by Kubernetes. */
export const VARINT = 0;
const FIXED64 = 1;
export const LENGTH = 2;
const FIXED32 = 5;

/**
 * Reads protobuf's wire format from left to right. It trusts nothing: what ends too early, says more than there is or is no protobuf
 * at all is a ClusterError that names the byte. It moves on in place, for speed.
 */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  /** Whether there is more of the message that ends there. */
  isBefore(end: number): boolean {
    return this.#at < end;
  }

  /** A number below 2^32: a tag, or a length. */
  small(end: number): number {
    const value = this.integer(end);
    if (value < 0 || value > 0xffff_ffff) throw this.unreadable(`the number ${value} is no tag or length`);
    return value;
  }

  /** A signed 64-bit number; beyond 2^53 its last digits are lost. */
  integer(end: number): number {
    const start = this.#at;
    let value = 0;
    for (let scale = 1; this.#at < end; scale *= 128) {
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return this.#at - start > SAFE_BYTES ? this.#large(start) : value;
      if (this.#at - start === MOST_BYTES) throw this.unreadable("a number of more than ten bytes");
    }
    throw this.unreadable("it ends in the middle of a number");
  }

  /** Where the value of the given length ends that begins here. */
  endOfValue(end: number): number {
    const length = this.small(end);
    if (length > end - this.#at) throw this.unreadable(`a value of ${length} bytes where ${end - this.#at} are left`);
    return this.#at + length;
  }

  /** A text of its own: it does not keep the bytes alive that it was read from. */
  text(end: number): string {
    const text = texts.of(this.#bytes, this.#at, end) ?? this.#unicode(end);
    this.#at = end;
    return text;
  }

  #unicode(end: number): string {
    const text = this.#bytes.toString("utf8", this.#at, end);
    if (text.includes(REPLACEMENT) && !isUtf8(this.#bytes.subarray(this.#at, end)))
      throw this.unreadable("a text that is no UTF-8");
    return text;
  }

  /** Moves on over bytes that have to be these. */
  expect(prefix: Buffer): void {
    if (!this.#bytes.subarray(this.#at, this.#at + prefix.length).equals(prefix))
      throw this.unreadable(`it does not start with ${JSON.stringify(prefix.toString("latin1"))}`);
    this.#at += prefix.length;
  }

  skip(wireType: number, end: number): void {
    switch (wireType) {
      case VARINT:
        this.integer(end);
        return;
      case LENGTH:
        this.#at = this.endOfValue(end);
        return;
      case FIXED64:
      case FIXED32: {
        const length = wireType === FIXED64 ? 8 : 4;
        if (length > end - this.#at) throw this.unreadable("it ends in the middle of a number");
        this.#at += length;
        return;
      }
      default:
        throw this.unreadable(`wire type ${wireType}`);
    }
  }

  unreadable(why: string): ClusterError {
    return new ClusterError("unavailable", `the server's protobuf cannot be read: ${why} (at byte ${this.#at})`);
  }

  /** Negative ones are written in ten bytes. */
  #large(start: number): number {
    let value = 0n;
    for (let at = this.#at - 1; at >= start; at--) value = (value << 7n) | BigInt(this.#bytes[at]! & 0x7f);
    return Number(BigInt.asIntN(64, value));
  }
}

const texts = new KnownTexts();

const MOST_BYTES = 10;
/** So many bytes hold 49 bits. */
const SAFE_BYTES = 7;
/** What a decoder puts in place of what it cannot read. */
const REPLACEMENT = "\ufffd";
