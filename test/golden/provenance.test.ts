import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { injectPod } from "../../src/core/injection/injectPod.ts";
import { applyJsonPatch } from "../../src/core/kube/jsonPatch.ts";
import type { Json } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { unexplained } from "../unexplained.ts";
import { injectionInput, type RecordedInput } from "./judges/injection.ts";

interface RecordedCase {
  readonly name: string;
  readonly input: RecordedInput;
}

const CASES = JSON.parse(
  readFileSync(join(import.meta.dirname, "cases/injection.json"), "utf8"),
) as readonly RecordedCase[];
const injections = CASES.flatMap(({ name, input: recorded }) => {
  const input = injectionInput(recorded);
  const injection = injectPod(input);
  if (!injection.ok || injection.value.patch.length === 0) return [];
  const after = applyJsonPatch(input.pod as unknown as Json, injection.value.patch);
  if (!after.ok) throw new Error(after.error);
  return [{ name, before: input.pod, after: after.value as unknown as Pod, injection: injection.value }];
});

describe("in every recorded injection", () => {
  it.each(injections)("each line has its source: $name", ({ before, after, injection }) => {
    expect(unexplained(before, after, injection)).toEqual([]);
  });

  it("is most of them", () => {
    expect(injections.length).toBeGreaterThan(100);
  });
});
