import { type Field, fieldsOf, type MessageName } from "./protobufSchema.ts";

type Fields = Readonly<Record<string, unknown>>;

/** An object as the message of its kind, without an envelope. What the kind does not have is left out, as it is by a real server. */
export function messageBytes(name: MessageName, object: Fields): Buffer {
  const parts: Buffer[] = [];
  for (const [number, field] of fieldsOf(name)) {
    const value = field.name === "*" ? object : object[field.name];
    if (value === undefined || value === null) continue;
    for (const one of field.repeated ? (value as readonly unknown[]) : [value])
      parts.push(...fieldBytes(number, field, one));
  }
  return Buffer.concat(parts);
}

/** Magic, kind, and the bytes of its message: as an answer, or an object within a watch's event, begins. */
export function inEnvelope(apiVersion: string, kind: string, message: Buffer): Buffer {
  const typeMeta = Buffer.concat([delimited(1, apiVersion), delimited(2, kind)]);
  // Go writes the empty contentEncoding and contentType as well.
  return Buffer.concat([MAGIC, delimited(1, typeMeta), delimited(2, message), delimited(3, ""), delimited(4, "")]);
}

/** One event of a watch with the length before it; the object is in its envelope. */
export function eventFrame(type: string, object: Buffer): Buffer {
  const event = Buffer.concat([delimited(1, type), delimited(2, delimited(1, object))]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.length);
  return Buffer.concat([length, event]);
}

/** A value with its field number and length. */
export function delimited(number: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

const MAGIC = Buffer.from("k8s\0");

function fieldBytes(number: number, { type }: Field, value: unknown): readonly Buffer[] {
  switch (type) {
    case "text":
      return [delimited(number, value as string)];
    case "bytes":
      return [delimited(number, Buffer.from(value as string, "base64"))];
    case "integer":
    case "flag":
      return [counted(number, Number(value))];
    case "time":
      return [delimited(number, counted(1, Math.floor(Date.parse(value as string) / 1000)))];
    case "quantity":
      return [delimited(number, delimited(1, String(value)))];
    case "json":
      return [delimited(number, delimited(1, JSON.stringify(value)))];
    case "intOrText": {
      const [kind, field] = typeof value === "number" ? [0, counted(2, value)] : [1, delimited(3, value as string)];
      return [delimited(number, Buffer.concat([counted(1, kind), field]))];
    }
    case "map":
    case "bytesMap":
    case "quantityMap":
      return entriesBytes(number, ENTRY_TYPES[type], value as Fields);
    default:
      return [delimited(number, messageBytes(type, value as Fields))];
  }
}

const ENTRY_TYPES = { map: "text", bytesMap: "bytes", quantityMap: "quantity" } as const;

function entriesBytes(number: number, type: "text" | "bytes" | "quantity", entries: Fields): readonly Buffer[] {
  const field: Field = { name: "value", type, repeated: false, keepsZero: true };
  return Object.entries(entries).map(([key, value]) =>
    delimited(number, Buffer.concat([delimited(1, key), ...fieldBytes(2, field, value)])),
  );
}

function counted(number: number, value: number): Buffer {
  return Buffer.concat([varint(number << 3), varint(value)]);
}

/** Seven bits a byte; negative ones as 64 bits in two's complement. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}
