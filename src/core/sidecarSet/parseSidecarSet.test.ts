import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { JsonObject } from "../kube/object.ts";
import { parseSidecarSet } from "./parseSidecarSet.ts";
import type { SidecarSet } from "./sidecarSet.ts";

function parsed(raw: JsonObject): SidecarSet {
  const result = parseSidecarSet(raw);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function errorsOf(spec: unknown) {
  const result = parseSidecarSet({ kind: "SidecarSet", metadata: { name: "s" }, spec } as JsonObject);
  return result.ok ? [] : result.error;
}

const alpha = (spec: JsonObject, labels: JsonObject = {}): JsonObject => ({
  apiVersion: "apps.kruise.io/v1alpha1",
  kind: "SidecarSet",
  metadata: { name: "s", labels },
  spec,
});

describe("reading a SidecarSet", () => {
  it("fills in what is left out", () => {
    const { spec, status } = parsed(alpha({ containers: [{ name: "log", image: "log:1" }] }));
    expect(spec).toMatchObject({
      selector: undefined,
      namespaceSelector: undefined,
      initContainers: undefined,
      volumes: [],
      updateStrategy: { type: "RollingUpdate", paused: false, partition: 0, maxUnavailable: 1, scatterStrategy: [] },
      injectionStrategy: { paused: false, revision: undefined },
      revisionHistoryLimit: 10,
    });
    expect(spec.containers).toMatchObject([{ podInjectPolicy: "BeforeAppContainer", imagePullPolicy: "IfNotPresent" }]);
    expect(status.matchedPods).toBeUndefined();
  });

  it("reads the fields of both API versions alike", () => {
    const { labels, spec } = parsed(
      alpha({ namespace: "prod", namespaceSelector: {} }, { "apps.kruise.io/sidecarset-custom-version": "v1", a: "b" }),
    );
    expect(spec.namespaceSelector).toEqual({ matchLabels: { "kubernetes.io/metadata.name": "prod" } });
    expect(spec.customVersion).toBe("v1");
    expect(labels).toEqual({ a: "b" });
  });

  it("keeps container fields it does not know, and takes null for absent", () => {
    const [container] = parsed(alpha({ containers: [{ name: "c", restartPolicyRules: [1], env: null }] })).spec
      .containers!;
    expect(container).toMatchObject({ restartPolicyRules: [1] });
    expect("env" in container!).toBe(false);
  });

  it("tells an empty list of containers from none", () => {
    expect(parsed(alpha({ containers: [] })).spec.containers).toEqual([]);
    expect(parsed(alpha({})).spec.containers).toBeUndefined();
  });

  it("says that matchLabels is a map where the launch article has a list", () => {
    expect(errorsOf({ updateStrategy: { selector: { matchLabels: [{ "canary.release": true }] } } })).toEqual([
      {
        field: "spec.updateStrategy.selector.matchLabels",
        type: "FieldValueTypeInvalid",
        detail:
          'a map of label keys to values is expected, but this is a list; write the entries without the leading "-"',
        value: [{ "canary.release": true }],
      },
    ]);
  });

  it("names every field of a wrong type at once, with the way out", () => {
    const errors = errorsOf({
      selector: { matchLabels: { canary: true } },
      containers: [{ name: "a", env: { A: "1" }, resources: { limits: { cpu: "1 core" } } }],
      updateStrategy: { partition: 1.5, paused: "yes" },
    });
    expect(errors.map(({ field, detail }) => `${field}: ${detail}`)).toEqual([
      'spec.containers[0].env: a list is expected, but this is a map; write each entry with a leading "-"',
      'spec.containers[0].resources.limits[cpu]: "1 core" is no quantity; write a number with an optional suffix, such as 500m, 1.5, 2G or 512Mi',
      'spec.selector.matchLabels[canary]: a text is expected, but this is true; put it in quotes: "true"',
      "spec.updateStrategy.partition: a whole number or a text is expected, but this is 1.5",
      'spec.updateStrategy.paused: true or false is expected, but this is the text "yes"',
    ]);
  });

  it("refuses other kinds and things that are no object", () => {
    expect(parseSidecarSet([])).toMatchObject({ ok: false });
    expect(parseSidecarSet({ apiVersion: "v1", kind: "Pod" })).toMatchObject({
      error: [{ field: "kind" }, { field: "apiVersion" }],
    });
  });

  it("reads the launch article's first example", () => {
    const article = readFileSync(new URL("../../../examples/launch-article/sidecarset.yaml", import.meta.url), "utf8");
    expect(parsed(parse(article)).spec.namespaceSelector).toEqual({
      matchLabels: { "kubernetes.io/metadata.name": "ns-1" },
    });
  });
});
