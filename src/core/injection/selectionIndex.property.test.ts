import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import { NAMESPACE_NAME_LABEL } from "../sidecarSet/annotations.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { matchSidecarSets } from "./matchSidecarSets.ts";
import { SelectionIndex } from "./selectionIndex.ts";

const KEYS = ["app", "tier", "constructor"];
const VALUES = ["a", "b", "c", "toString"];
const NAMESPACES = ["n1", "n2", "n3"];

const value = fc.constantFrom(...VALUES);
const labels = fc.dictionary(fc.constantFrom(...KEYS, "__proto__"), value, { noNullPrototype: true });
const requirement = (keys: readonly string[], values: readonly string[]) =>
  fc.oneof(
    fc.record({
      key: fc.constantFrom(...keys),
      operator: fc.constantFrom("In", "NotIn"),
      values: fc.subarray([...values], { minLength: 1 }),
    }),
    fc.record({ key: fc.constantFrom(...keys), operator: fc.constantFrom("Exists", "DoesNotExist") }),
  );
const selector = (keys: readonly string[], values: readonly string[]) =>
  fc.record(
    {
      matchLabels: fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...values), { maxKeys: 2 }),
      matchExpressions: fc.array(requirement(keys, values), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
const spec = fc.record(
  { selector: selector(KEYS, VALUES), namespaceSelector: selector([NAMESPACE_NAME_LABEL, "team"], NAMESPACES) },
  { requiredKeys: [] },
);
/** A set of one of a few names comes or goes. */
const change = fc.record({ name: fc.integer({ min: 0, max: 5 }), spec: fc.option(spec, { nil: undefined }) });

describe("the candidates of a pod", () => {
  it("are never fewer than the SidecarSets that select it, whatever came and went before", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), labels, fc.constantFrom(...NAMESPACES), (changes, pod, name) => {
        const { index, known } = after(changes);
        const namespaceLabels = { [NAMESPACE_NAME_LABEL]: name, team: "n1" };
        const looked = { labels: pod, annotations: {}, namespace: name, namespaceLabels };
        const candidates = index.candidates(pod, name);
        const { selected } = matchSidecarSets([...known.values()], looked);
        expect(candidates).toEqual(expect.arrayContaining([...selected]));
        expect(new Set(candidates).size).toBe(candidates.length);
        expect([...known.values()]).toEqual(expect.arrayContaining([...candidates]));
      }),
      { numRuns: 300 },
    );
  });

  it("are those that its labels or its namespace call for, among a thousand others", () => {
    const sets = Array.from({ length: 1_000 }, (_, number) => [
      labelled(`by-label-${number}`, { team: "platform", app: `app-${number}` }),
      bound(`by-namespace-${number}`, { app: "web" }, `ns-${number}`),
      bound(`whole-namespace-${number}`, {}, `ns-${number}`),
    ]).flat();
    const index = new SelectionIndex(sets);
    const names = index.candidates({ team: "platform", app: "app-7", other: "x" }, "ns-8").map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["by-label-7", "by-namespace-8", "whole-namespace-8"]));
    expect(names.length).toBeLessThan(6);
  });

  it("include every SidecarSet that requires nothing of which there are few", () => {
    const exists = aSidecarSet({ selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } });
    expect(new SelectionIndex([exists]).candidates({}, "n1")).toEqual([exists]);
  });

  it("are told of an edit and a deletion", () => {
    const index = new SelectionIndex([labelled("set", { app: "web" })]);
    const edited = labelled("set", { app: "api" });
    index.put(edited);
    expect(index.candidates({ app: "web" }, "n1")).toEqual([]);
    expect(index.candidates({ app: "api" }, "n1")).toEqual([edited]);
    index.remove("set");
    expect(index.candidates({ app: "api" }, "n1")).toEqual([]);
  });

  it.each([undefined, null, "app=web", ["app"], 7, { app: ["web"] }, { app: null }, JSON.parse('{"__proto__":"a"}')])(
    "are found for labels that are none: %j",
    (malformed) => {
      const index = new SelectionIndex([labelled("set", { app: "web" })]);
      expect(index.candidates(malformed, "n1")).toEqual([]);
    },
  );
});

interface Changed {
  readonly index: SelectionIndex;
  readonly known: ReadonlyMap<string, SidecarSet>;
}

function after(changes: readonly { readonly name: number; readonly spec: object | undefined }[]): Changed {
  const index = new SelectionIndex();
  const known = new Map<string, SidecarSet>();
  for (const { name: number, spec: wanted } of changes) {
    const name = `set-${number}`;
    if (wanted === undefined) {
      index.remove(name);
      known.delete(name);
    } else {
      const set = aSidecarSet({ selector: undefined, ...wanted }, { name });
      index.put(set);
      known.set(name, set);
    }
  }
  return { index, known };
}

function labelled(name: string, matchLabels: Record<string, string>): SidecarSet {
  return aSidecarSet({ selector: { matchLabels } }, { name });
}

function bound(name: string, matchLabels: Record<string, string>, namespace: string): SidecarSet {
  const namespaceSelector = { matchLabels: { [NAMESPACE_NAME_LABEL]: namespace } };
  return aSidecarSet({ selector: { matchLabels }, namespaceSelector }, { name });
}
