import { describe, expect, it } from "vitest";
import type { Json } from "./object.ts";
import { ANY, listOf, mapOf, objectOf, present, STRING } from "./shape.ts";
import { unknownFields } from "./unknownFields.ts";

const SHAPE = objectOf(
  present("image", STRING),
  present("imagePullPolicy", STRING),
  present("tty", STRING),
  present("free", ANY),
  present("labels", mapOf(objectOf(present("deep", STRING)), "names to objects")),
  present("items", listOf(objectOf(present("key", STRING), present("value", STRING)))),
);

function found(value: Json): Record<string, string | undefined> {
  return Object.fromEntries(unknownFields(value, SHAPE).map(({ field, meant }) => [field, meant]));
}

describe("fields that a shape does not have", () => {
  it("are found in objects, lists and maps, by their path", () => {
    expect(
      found({ other: {}, items: [{ key: "a" }, { other: 1 }], labels: { "a.b/c": { other: null } }, "x.y": 1 }),
    ).toEqual({ other: undefined, "items[1].other": undefined, "labels[a.b/c].other": undefined, "[x.y]": undefined });
  });

  it("are not searched where anything may stand, nor below one another", () => {
    expect(found({ free: { other: 1 }, other: { another: 1 }, image: { other: 1 } })).toEqual({ other: undefined });
  });

  it.each([
    ["imagePullPolcy", "imagePullPolicy"],
    ["imagePullPolciy", "imagePullPolicy"],
    ["imagepullpolicy", "imagePullPolicy"],
    ["imgaes", "image"],
    ["ttty", "tty"],
    ["imagePuPoli", undefined],
    ["x", undefined],
    ["constructor", undefined],
    ["__proto__", undefined],
  ])("%s most likely means %s", (name, meant) => {
    expect(found(JSON.parse(`{"${name}": 1}`))).toEqual({ [name]: meant });
  });

  it("mean the nearest of several", () => {
    expect(found({ items: [{ kay: 1, vale: 2 }] })).toEqual({ "items[0].kay": "key", "items[0].vale": "value" });
  });
});
