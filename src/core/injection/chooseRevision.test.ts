import { describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../test/aSidecarSet.ts";
import type { ObjectMeta } from "../kube/object.ts";
import type { Pod } from "../kube/pod.ts";
import { revisionOf } from "../sidecarSet/revision.ts";
import { chooseRevision } from "./chooseRevision.ts";

const POD = aCandidate("web-0");

describe("which revision a pod gets", () => {
  it.each([
    ["latest", "no pin at all", {}],
    ["latest", "a strategy without a pin", { injectionStrategy: { revision: {} } }],
    ["pinned", "policy Always", pin("Always")],
    ["pinned", "no policy", pin(undefined)],
    [
      "pinned",
      "policy Always and a selector that the pod matches",
      { ...pin("Always"), updateStrategy: selecting("true") },
    ],
    ["latest", "policy Partial and the default partition", pin("Partial")],
    ["latest", "policy Partial and a partition in pods", { ...pin("Partial"), updateStrategy: { partition: 5 } }],
    ["pinned", "policy Partial and a paused update", { ...pin("Partial"), updateStrategy: { paused: true } }],
    [
      "pinned",
      "policy Partial, outside the update selector",
      { ...pin("Partial"), updateStrategy: selecting("false") },
    ],
    ["latest", "policy Partial, inside the update selector", { ...pin("Partial"), updateStrategy: selecting("true") }],
    ["pinned", "policy Partial and 100%", { ...pin("Partial"), updateStrategy: { partition: "100%" } }],
    ["latest", "policy Partial and 0%", { ...pin("Partial"), updateStrategy: { partition: "0%" } }],
  ])("%s with %s", (which, _, spec) => {
    expect(imageFor(spec)).toBe(which === "pinned" ? "logtail:0" : "logtail:2");
  });

  it("a partition that is no percentage refuses the pod under policy Partial", () => {
    const set = aSidecarSet({ ...pin("Partial"), updateStrategy: { partition: "half" } });
    const chosen = chooseRevision(set, revisions(), POD);
    expect(chosen).toMatchObject({ ok: false, error: { field: "spec.updateStrategy.partition" } });
  });

  it("an update selector that cannot be read refuses the pod under policy Partial", () => {
    const selector = { matchExpressions: [{ key: "canary", operator: "Is" }] };
    const chosen = chooseRevision(aSidecarSet({ ...pin("Partial"), updateStrategy: { selector } }), revisions(), POD);
    expect(chosen).toMatchObject({ ok: false, error: { field: "spec.updateStrategy.selector" } });
  });

  it("a percentage splits the pods of a workload", () => {
    const set = aSidecarSet({ ...pin("Partial"), updateStrategy: { partition: "30%" } });
    const pods = Array.from({ length: 1_000 }, (_, index) => aCandidate(`web-${index}`));
    const pinned = pods.filter((pod) => {
      const chosen = chooseRevision(set, revisions(), pod);
      return chosen.ok && chosen.value.otherRevision !== undefined;
    });
    expect(Math.abs(pinned.length / pods.length - 0.3)).toBeLessThan(0.04);
  });
});

describe("a pin by custom version", () => {
  it("takes the newest of several revisions with that version", () => {
    const set = aSidecarSet({ injectionStrategy: { revision: { customVersion: "one" } } });
    const chosen = chooseRevision(
      set,
      [revision("logtail:1", 3), revision("logtail:9", 7), revision("logtail:5", 5)],
      POD,
    );
    expect(chosen.ok && chosen.value.set.spec.containers?.[0]?.image).toBe("logtail:9");
  });

  it("records the revision's own hashes and name", () => {
    const set = aSidecarSet({ injectionStrategy: { revision: { customVersion: "one" } } });
    const stored = revision("logtail:0", 1);
    const chosen = chooseRevision(set, [stored], POD);
    expect(chosen).toMatchObject({
      value: { hash: "new", hashWithoutImage: "same", controllerRevision: stored.metadata.name },
    });
  });
});

function aCandidate(name: string, metadata: Partial<ObjectMeta> = {}) {
  const labels = { app: "web", canary: "true" };
  const spec = { containers: [{ name: "app", image: "app:1" }] };
  const pod: Pod = { apiVersion: "v1", kind: "Pod", metadata: { name, labels, ...metadata }, spec };
  return { pod, identity: `default/${name}` };
}

function pin(policy: string | undefined) {
  return { injectionStrategy: { revision: { customVersion: "one", ...(policy && { policy }) } } };
}

function selecting(canary: string) {
  return { selector: { matchLabels: { canary } } };
}

function revision(image: string, number: number) {
  const old = aSidecarSet({ containers: [{ name: "logtail", image }], customVersion: "one" });
  return revisionOf(old, { revision: number, collisionCount: 0 });
}

function revisions() {
  return [revision("logtail:0", 1)];
}

function imageFor(spec: Record<string, unknown>): string | undefined {
  const chosen = chooseRevision(aSidecarSet(spec), revisions(), POD);
  if (!chosen.ok) throw new Error(JSON.stringify(chosen.error));
  return chosen.value.set.spec.containers?.[0]?.image;
}
