import type { Injection, InjectionInput } from "../src/core/injection/injection.ts";
import type { InjectionError } from "../src/core/injection/injectionReason.ts";
import { injectPod } from "../src/core/injection/injectPod.ts";
import { applyJsonPatch } from "../src/core/kube/jsonPatch.ts";
import type { Json } from "../src/core/kube/object.ts";
import type { Pod } from "../src/core/kube/pod.ts";
import { ok, type Result } from "../src/core/result.ts";

const NOW = Date.parse("2026-07-01T00:00:00Z");

/** A pod that is about to be created, with the label `app: web` and its one container `app`. */
export function aNewPod(spec: object = {}, metadata: object = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web-0", namespace: "default", labels: { app: "web" }, ...metadata },
    spec: { containers: [{ name: "app", image: "app:1" }], ...spec },
  };
}

export function tryInjection(fields: Partial<InjectionInput>): Result<Injection, InjectionError> {
  return injectPod({
    pod: aNewPod(),
    requestNamespace: "default",
    namespaceLabels: {},
    sidecarSets: [],
    revisions: [],
    now: NOW,
    identity: "web-0",
    compilePattern: (pattern) => ok((text) => new RegExp(pattern).test(text)),
    ...fields,
  });
}

/** What comes out, with the pod after the patch. */
export function anInjection(fields: Partial<InjectionInput>): Injection & { readonly after: Pod } {
  const injection = tryInjection(fields);
  if (!injection.ok) throw new Error(JSON.stringify(injection.error));
  const after = applyJsonPatch((fields.pod ?? aNewPod()) as unknown as Json, injection.value.patch);
  if (!after.ok) throw new Error(after.error);
  return { ...injection.value, after: after.value as unknown as Pod };
}
