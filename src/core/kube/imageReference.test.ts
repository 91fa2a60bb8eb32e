import { describe, expect, it } from "vitest";
import { effectiveTag, parseImageReference } from "./imageReference.ts";

const hex = "0123456789abcdef".repeat(4);

describe("an image reference", () => {
  it.each([
    ["nginx", "docker.io/library/nginx", undefined, undefined],
    ["nginx:1.25", "docker.io/library/nginx", "1.25", undefined],
    ["team/app", "docker.io/team/app", undefined, undefined],
    ["localhost/app", "localhost/app", undefined, undefined],
    ["localhost:5000/app:v1", "localhost:5000/app", "v1", undefined],
    ["index.docker.io/nginx", "docker.io/library/nginx", undefined, undefined],
    ["Registry/app", "Registry/app", undefined, undefined],
    ["registry.example:5000/a/b__c:V_1", "registry.example:5000/a/b__c", "V_1", undefined],
    ["[::1]:5000/app", "[::1]:5000/app", undefined, undefined],
    [`a@sha256:${hex}`, "docker.io/library/a", undefined, `sha256:${hex}`],
    [`r.io/a:1@sha256:${hex}`, "r.io/a", "1", `sha256:${hex}`],
  ])("%s is read", (text, repository, tag, digest) => {
    expect(parseImageReference(text)).toMatchObject({ repository, tag, digest });
  });

  it.each([
    "",
    "Nginx",
    hex,
    "a:",
    "a b",
    "a@sha256:12",
    `a@md5:${hex}`,
    `a@sha256:${hex.toUpperCase()}`,
    "a//b",
    "-a",
    "a".repeat(300),
  ])("%s is none", (text) => {
    expect(parseImageReference(text)).toBeUndefined();
  });
});

it.each([
  ["nginx", "latest"],
  ["nginx:latest", "latest"],
  ["nginx:1", "1"],
  [`nginx:latest@sha256:${hex}`, "latest"],
  [`nginx@sha256:${hex}`, undefined],
  ["Nginx", undefined],
])("%s is pulled by tag %s", (image, tag) => {
  expect(effectiveTag(image)).toBe(tag);
});
