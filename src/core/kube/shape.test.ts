import { describe, expect, it } from "vitest";
import type { Json } from "./object.ts";
import {
  ANY,
  always,
  BOOLEAN,
  INT_OR_STRING,
  INT32,
  INT64,
  listOf,
  mapOf,
  nonEmpty,
  objectOf,
  QUANTITY,
  type Shape,
  STRING,
  shapeErrors,
  TIME,
} from "./shape.ts";

const FITTING: readonly (readonly [Shape["kind"], Shape, readonly Json[]])[] = [
  ["string", STRING, ["", "a"]],
  ["boolean", BOOLEAN, [true, false]],
  ["int32", INT32, [0, -1, 2 ** 31 - 1]],
  ["int64", INT64, [2 ** 31]],
  ["quantity", QUANTITY, ["500m", 1, "2Gi"]],
  ["intOrString", INT_OR_STRING, ["50%", 3]],
  ["time", TIME, ["2026-07-01T00:00:00Z"]],
  ["any", ANY, [null, 1, "a", [], {}]],
  ["list", listOf(STRING), [[], ["a"]]],
  ["map", mapOf(STRING, "keys to values"), [{}, { a: "b" }]],
  ["object", objectOf(always("name", STRING)), [{}, { name: "a", unknown: 7 }]],
];
const MISFITS: readonly (readonly [Shape["kind"], Shape, readonly Json[]])[] = [
  ["string", STRING, [1, true, [], {}]],
  ["boolean", BOOLEAN, ["true", 0]],
  ["int32", INT32, [1.5, 2 ** 31, "1"]],
  ["int64", INT64, [1e300, "1"]],
  ["quantity", QUANTITY, ["much", true, {}]],
  ["intOrString", INT_OR_STRING, [true, 1.5]],
  ["time", TIME, ["yesterday", 5]],
  ["list", listOf(STRING), [{}, "a"]],
  ["map", mapOf(STRING, "keys to values"), [[], "a"]],
  ["object", objectOf(always("name", STRING)), [[], "a", 1]],
];

/** The value wherever a value can stand. */
const PLACES: readonly (readonly [string, (shape: Shape) => Shape, (value: Json) => Json])[] = [
  ["", (shape) => shape, (value) => value],
  ["[1].x", (shape) => listOf(objectOf(always("x", shape))), (value) => [{}, { x: value }]],
  ["[k]", (shape) => mapOf(shape, "k to v"), (value) => ({ k: value })],
  ["a.b", (shape) => objectOf(nonEmpty("a", objectOf(nonEmpty("b", shape)))), (value) => ({ c: 1, a: { b: value } })],
];

describe("the shape of a value", () => {
  it.each(FITTING)("%s: has no errors where it fits, at whatever place", (_, shape, values) => {
    for (const value of values) {
      for (const [, shapeAround, around] of PLACES)
        expect(shapeErrors(around(value), shapeAround(shape), "")).toEqual([]);
    }
  });

  it.each(MISFITS)("%s: is told with its path where it does not fit", (_, shape, values) => {
    for (const value of values) {
      for (const [path, shapeAround, around] of PLACES) {
        const [error, ...more] = shapeErrors(around(value), shapeAround(shape), "spec");
        expect(error?.field).toContain(path);
        expect(more).toEqual([]);
      }
    }
  });

  it("null is no item of a list or map for those who refuse it, and as good as absent in a field", () => {
    const shape = objectOf(always("list", listOf(STRING)), always("map", mapOf(STRING, "k to v")), always("any", ANY));
    const value = { list: ["a", null], map: { k: null }, any: [null] };
    expect(shapeErrors(value, shape, "", "refused").map(({ field }) => field)).toEqual(["list[1]", "map[k]"]);
    expect(shapeErrors(value, shape, "", "allowed")).toEqual([]);
    expect(shapeErrors({ list: null }, shape, "", "refused")).toEqual([]);
  });

  it("what an object inherits is not its own", () => {
    const shape = objectOf(always("constructor", STRING), always("toString", STRING));
    expect(shapeErrors({}, shape, "")).toEqual([]);
  });
});
