import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Injection, InjectionInput } from "../../src/core/injection/injection.ts";
import { injectPod } from "../../src/core/injection/injectPod.ts";
import { parsePod } from "../../src/core/injection/parsePod.ts";
import { isTooDeep } from "../../src/core/kube/nesting.ts";
import type { JsonObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { HASH_ANNOTATION } from "../../src/core/sidecarSet/annotations.ts";
import type { SidecarSet } from "../../src/core/sidecarSet/sidecarSet.ts";
import { compileGoPattern } from "../../src/webhook/goPattern.ts";
import { unexplained } from "../unexplained.ts";
import { FUZZ_TIMEOUT_MS, fuzz } from "./fuzzRun.ts";
import { type InjectionCase, injectionCases, othersChanges, PATCHED_KEYS } from "./injectionCases.ts";
import { mutated } from "./mutation.ts";
import { canonical, expectKept, expectSameOfOthers, patched } from "./patchedPod.ts";

const HOUR_MS = 3_600_000;

describe("whatever SidecarSets meet a pod", { timeout: FUZZ_TIMEOUT_MS }, () => {
  it("all who apply the patch get the same pod, which keeps what it had", () => {
    return fuzz(injectionCases, (given) => {
      const injection = injected(given, given.pod);
      if (injection === undefined) return;
      const text = JSON.stringify(given.pod);
      const after = patched(given.pod, injection.patch);
      expect(JSON.stringify(given.pod)).toBe(text);
      expectSameOfOthers(text, injection.patch, after);
      expectKept(given.pod as unknown as JsonObject, after, PATCHED_KEYS);
      expect(unexplained(given.pod, after as unknown as Pod, injection)).toEqual([]);
    });
  });

  it("injecting twice equals injecting once, also when others have changed the pod in between", () => {
    return fuzz(fc.tuple(injectionCases, othersChanges), ([given, { change }]) => {
      const once = afterInjection(given, given.pod);
      if (once === undefined) return;
      expect(injected(given, once, HOUR_MS)?.patch).toEqual([]);
      expect(injected(given, change(once), HOUR_MS)?.patch).toEqual([]);
    });
  });

  it("a copy of a pod that was injected before gets what is new, once", () => {
    return fuzz(injectionCases, (given) => {
      const copy = afterInjection({ ...given, sidecarSets: given.earlier }, given.pod);
      const once = copy && afterInjection(given, copy);
      if (once === undefined) return;
      expect(injected(given, once, HOUR_MS)?.patch).toEqual([]);
      const names = [...(once.spec.initContainers ?? []), ...once.spec.containers].map(({ name }) => name);
      expect(names).toEqual([...new Set(names)]);
    });
  });

  it("a pod of which something is wrong is refused, or injected once", () => {
    const cases = injectionCases.chain((given) => fc.tuple(fc.constant(given), mutated(fc.constant(given.pod))));
    return fuzz(cases, ([given, text]) => {
      const pod = parsePod(JSON.parse(text));
      if (!pod.ok || isTooDeep(pod.value)) return;
      const injection = injected(given, pod.value);
      if (injection === undefined) return;
      const after = patched(pod.value, injection.patch);
      expectSameOfOthers(text, injection.patch, after);
      expect(injected(given, after as unknown as Pod, HOUR_MS)?.patch).toEqual([]);
      expect(canonical(JSON.parse(text))).toBe(canonical(pod.value));
    });
  });
});

/** Undefined: the pod is refused. */
function injected(given: InjectionCase, pod: Pod, now = 0): Injection | undefined {
  const injection = injectPod(inputOf(given, pod, now));
  return injection.ok ? injection.value : undefined;
}

function afterInjection(given: InjectionCase, pod: Pod): Pod | undefined {
  const injection = injected(given, pod);
  return injection && (patched(pod, injection.patch) as unknown as Pod);
}

function inputOf({ sidecarSets, revisions, carried }: InjectionCase, pod: Pod, now: number): InjectionInput {
  const counts = (name: string) => new Map([[hashOf(sidecarSets, name), carried]]);
  return {
    pod,
    sidecarSets,
    revisions,
    requestNamespace: "default",
    namespaceLabels: { env: "prod" },
    now,
    identity: "web-0",
    carried: { ofOwner: (_, name) => counts(name), ofAll: counts },
    compilePattern: compileGoPattern,
  };
}

function hashOf(sets: readonly SidecarSet[], name: string): string {
  return sets.find((set) => set.name === name)?.annotations[HASH_ANNOTATION] ?? "";
}
