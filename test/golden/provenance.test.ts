import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Addition } from "../../src/core/injection/addition.ts";
import type { Injection } from "../../src/core/injection/injection.ts";
import { injectPod } from "../../src/core/injection/injectPod.ts";
import { provenance } from "../../src/core/injection/provenance.ts";
import { applyJsonPatch } from "../../src/core/kube/jsonPatch.ts";
import type { Json } from "../../src/core/kube/object.ts";
import type { Container, Pod } from "../../src/core/kube/pod.ts";
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
    const additions = provenance(before, after, injection);
    const told = new Set(additions.map(({ path }) => path));
    expect(newLines(before, after).filter((path) => !told.has(path))).toEqual([]);
    expect(additions.filter((addition) => !hasSource(addition, injection))).toEqual([]);
  });

  it("is most of them", () => {
    expect(injections.length).toBeGreaterThan(100);
  });
});

/** The paths of all that the second pod has and the first has not, told apart by content. */
function newLines(before: Pod, after: Pod): readonly string[] {
  const lists = ["initContainers", "containers", "volumes", "imagePullSecrets"] as const;
  const inLists = lists.flatMap((list) => {
    const had = new Set((before.spec[list] ?? []).map((item) => JSON.stringify(item)));
    const items = [...((after.spec[list] ?? []) as readonly Container[]).entries()];
    return items
      .filter(([, item]) => !had.has(JSON.stringify(item)))
      .flatMap(([index, item]) => [
        `spec.${list}[${index}]`,
        ...parts(item).map((part) => `spec.${list}[${index}].${part}`),
      ]);
  });
  const inMaps = (["annotations", "labels"] as const).flatMap((map) => {
    const keys = Object.keys(after.metadata[map] ?? {});
    return keys
      .filter((key) => before.metadata[map]?.[key] !== after.metadata[map]?.[key])
      .map((key) => `metadata.${map}[${key}]`);
  });
  return [...inLists, ...inMaps];
}

function parts(item: Container): readonly string[] {
  const inLists = (["env", "volumeMounts", "volumeDevices"] as const).flatMap((list) =>
    (item[list] ?? []).map((_, index) => `${list}[${index}]`),
  );
  const amounts = Object.entries((item.resources ?? {}) as Readonly<Record<string, object>>)
    .filter(([field]) => field !== "claims")
    .flatMap(([field, map]) => Object.keys(map).map((resource) => `resources.${field}.${resource}`));
  return [...inLists, ...amounts];
}

/** A field that the SidecarSet has, or one of our own records; never "made for this pod", which says nothing. */
function hasSource({ sidecarSet, field, because }: Addition, { workings }: Injection): boolean {
  if (because.startsWith("our record")) return true;
  const set = workings?.chosen.find((chosen) => chosen.set.name === sidecarSet)?.set;
  const found = field.split(/[.[\]]+/).filter(Boolean);
  const [first, second, third] = found.slice(1);
  const list = (set?.spec as Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> | undefined)?.[
    first!
  ];
  const owner = list?.[Number(second)];
  return owner !== undefined && (third === undefined || third in owner) && because !== "made for this pod";
}
