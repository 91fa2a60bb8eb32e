import { unsupportedMediaType } from "../apiStatus.ts";
import { type Field, fieldsOf, isMessage, type MessageName } from "./protobufSchema.ts";

const MAGIC = Buffer.from("k8s\0");

/** A Kubernetes protobuf body (magic, envelope, message) as the JSON it stands for; 415 when it holds what we cannot read. */
export function parseProtobuf(body: Buffer): unknown {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) throw unreadable("it does not start with k8s\\0");
  const { apiVersion, kind, raw } = readEnvelope(body.subarray(MAGIC.length));
  if (!isMessage(kind)) throw unreadable(`${kind} is not among the kinds it is read for: send JSON`);
  return { apiVersion, kind, ...readMessage(raw, kind) };
}

type Entry = { readonly number: number; readonly value: bigint | Buffer };

function readEnvelope(body: Buffer): { apiVersion: string; kind: string; raw: Buffer } {
  const envelope = new Map(entries(body).map(({ number, value }) => [number, value]));
  const type = new Map(entries(asBuffer(envelope.get(1))).map(({ number, value }) => [number, value]));
  return {
    apiVersion: asBuffer(type.get(1)).toString(),
    kind: asBuffer(type.get(2)).toString(),
    raw: asBuffer(envelope.get(2)),
  };
}

function readMessage(body: Buffer, message: MessageName): Record<string, unknown> {
  const fields = fieldsOf(message);
  const result: Record<string, unknown> = {};
  for (const { number, value } of entries(body)) {
    const field = fields.get(number);
    if (!field) throw unreadable(`field ${number} of ${message} is not read: send JSON`);
    const read = readValue(field, value);
    if (read === undefined) continue;
    if (field.name === "*") Object.assign(result, read);
    else if (field.repeated) result[field.name] = [...((result[field.name] as unknown[] | undefined) ?? []), read];
    else if (field.type === "map" || field.type === "bytesMap" || field.type === "quantityMap") {
      result[field.name] = { ...(result[field.name] as object | undefined), ...(read as object) };
    } else result[field.name] = read;
  }
  return result;
}

/** Go writes empty texts and zero values of fields that JSON leaves out; they come back as undefined. */
function readValue({ type, repeated, keepsZero }: Field, value: bigint | Buffer): unknown {
  switch (type) {
    case "text": {
      const text = asBuffer(value).toString();
      return text === "" && !repeated && !keepsZero ? undefined : text;
    }
    case "quantity":
      return readMessage(asBuffer(value), "Quantity").string;
    case "intOrText": {
      const { type: isText, intVal = 0, strVal = "" } = readMessage(asBuffer(value), "IntOrString");
      return isText ? strVal : intVal;
    }
    case "json":
      return readJson(readMessage(asBuffer(value), "FieldsV1").raw);
    case "bytes":
      return asBuffer(value).toString("base64");
    case "integer":
    case "flag": {
      const number = Number(BigInt.asIntN(64, asInteger(value)));
      if (number === 0 && !keepsZero) return undefined;
      return type === "flag" ? number !== 0 : number;
    }
    case "time":
      return readTime(asBuffer(value));
    case "map":
    case "bytesMap":
    case "quantityMap": {
      const pair = new Map(entries(asBuffer(value)).map((entry) => [entry.number, asBuffer(entry.value)]));
      return { [asBuffer(pair.get(1)).toString()]: readValue(ENTRY[type], asBuffer(pair.get(2))) };
    }
    default:
      return readMessage(asBuffer(value), type);
  }
}

const ENTRY = { map: entryOf("text"), bytesMap: entryOf("bytes"), quantityMap: entryOf("quantity") };

function entryOf(type: Field["type"]): Field {
  return { name: "value", type, repeated: false, keepsZero: true };
}

function readJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    throw unreadable("its managed fields are no JSON");
  }
}

function readTime(body: Buffer): string | undefined {
  const seconds = entries(body).find(({ number }) => number === 1)?.value;
  if (seconds === undefined) return undefined;
  return `${new Date(Number(BigInt.asIntN(64, asInteger(seconds))) * 1000).toISOString().slice(0, 19)}Z`;
}

/** The wire format: a tag of field number and wire type, then a varint, or a length with so many bytes. */
function entries(body: Buffer): Entry[] {
  const found: Entry[] = [];
  let offset = 0;
  function varint(): bigint {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = body[offset];
      if (byte === undefined || shift > 63n) throw unreadable("it ends in the middle of a number");
      offset += 1;
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
  }
  while (offset < body.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const wireType = Number(tag & 7n);
    if (wireType === 0) found.push({ number, value: varint() });
    else if (wireType === 2) {
      const length = Number(varint());
      if (offset + length > body.length) throw unreadable("it ends in the middle of a field");
      found.push({ number, value: body.subarray(offset, offset + length) });
      offset += length;
    } else throw unreadable(`wire type ${wireType} is not used by Kubernetes`);
  }
  return found;
}

function asBuffer(value: bigint | Buffer | undefined): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

function asInteger(value: bigint | Buffer): bigint {
  return Buffer.isBuffer(value) ? 0n : value;
}

function unreadable(why: string): Error {
  return unsupportedMediaType(`the embedded API server cannot read this protobuf body: ${why}`);
}
