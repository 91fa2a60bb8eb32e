import type { JsonObject } from "../../../src/core/kube/object.ts";
import { withDefaults } from "../../../src/core/sidecarSet/defaults.ts";
import { type HashedLists, hashedText, hashOf, withoutImages } from "../../../src/core/sidecarSet/hash.ts";
import { compare, type Judge } from "../judge.ts";

export const hash: Judge = ({ input, expected }) => {
  const raw = input.sidecarSet as JsonObject;
  return compare({ raw: hashesOf(raw), defaulted: hashesOf(withDefaults(raw)) }, expected);
};

function hashesOf({ spec }: JsonObject): JsonObject {
  const lists = spec as HashedLists;
  const encoded = hashedText(lists);
  return { encoded, hash: hashOf(encoded), hashWithoutImage: hashOf(hashedText(withoutImages(lists))) };
}
