import { describe, expect, it } from "vitest";
import { parseProtobuf } from "./protobufBody.ts";

/** Field `number` holding bytes. */
function holding(number: number, content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}

function counting(number: number, value: number): Buffer {
  return Buffer.from([number << 3, value]);
}

function aBody(apiVersion: string, kind: string, ...fields: Buffer[]): Buffer {
  const type = Buffer.concat([holding(1, apiVersion), holding(2, kind)]);
  return Buffer.concat([Buffer.from("k8s\0"), holding(1, type), holding(2, Buffer.concat(fields))]);
}

const meta = holding(1, Buffer.concat([holding(1, "web"), holding(2, ""), counting(7, 0)]));

describe("a protobuf body", () => {
  it("becomes the JSON it stands for, without the zeros Go writes", () => {
    const label = holding(1, Buffer.concat([holding(1, "app"), holding(2, "web")]));
    const spec = holding(2, Buffer.concat([counting(1, 0), holding(2, label), counting(5, 0)]));
    expect(parseProtobuf(aBody("apps/v1", "Deployment", meta, spec))).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: { replicas: 0, selector: { matchLabels: { app: "web" } } },
    });
  });

  it("keeps the bytes of a secret as base64", () => {
    const entry = holding(2, Buffer.concat([holding(1, "key"), holding(2, Buffer.from([0, 255]))]));
    expect(parseProtobuf(aBody("v1", "Secret", meta, entry))).toMatchObject({ data: { key: "AP8=" } });
  });

  it("is refused by name when something in it would be lost", () => {
    expect(() => parseProtobuf(aBody("v1", "Service", meta))).toThrow("Service is not among the kinds");
    expect(() => parseProtobuf(aBody("v1", "Namespace", meta, holding(9, "?")))).toThrow("field 9 of Namespace");
    expect(() => parseProtobuf(Buffer.from("{}"))).toThrow("does not start with k8s");
    expect(() => parseProtobuf(aBody("v1", "Namespace", meta).subarray(0, -3))).toThrow("ends in the middle");
  });
});
