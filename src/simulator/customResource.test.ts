import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { fieldErrorText } from "../core/kube/fieldErrorText.ts";
import type { ApiObject } from "./apiObject.ts";
import { type CustomResourceDefinition, customResource, establishedStatus } from "./customResourceDefinition.ts";
import type { StructuralSchema } from "./customResourceSchema.ts";

const text = readFileSync(join(import.meta.dirname, "../../deploy/crd.yaml"), "utf8");
const crd = parse(text) as CustomResourceDefinition;

function sidecarSets() {
  const result = customResource(crd);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function sidecarSet(spec: unknown, more: object = {}): ApiObject {
  return { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", metadata: { name: "set" }, spec, ...more };
}

function decode(object: ApiObject, version = "v1beta1") {
  return sidecarSets().versions[version]!.decode(object);
}

function errorsOf(spec: unknown): string[] {
  const { object } = decode(sidecarSet(spec));
  return sidecarSets().strategy.validateCreate!(object, "v1beta1").map(
    (error) => `${error.field}: ${fieldErrorText(error)}`,
  );
}

describe("the SidecarSet definition", () => {
  it("declares the same fields in both versions", () => {
    const [alpha, beta] = crd.spec.versions;
    expect({ ...alpha, name: "", storage: true }).toEqual({ ...beta, name: "" });
  });

  it("is sent in 200 KiB at most", () => {
    expect(Buffer.byteLength(JSON.stringify(crd))).toBeLessThanOrEqual(200 * 1024);
  });

  it("leaves judging values to admission: what OpenKruise stored stays writable, and refusals are in our words", () => {
    expect(text).not.toContain("x-kubernetes-validations");
  });

  it("is served under its names, the newest version first and stored", () => {
    const kind = sidecarSets();
    expect(Object.keys(kind.versions)).toEqual(["v1beta1", "v1alpha1"]);
    expect(kind).toMatchObject({
      storageVersion: "v1beta1",
      shortNames: ["scs"],
      categories: ["kruise"],
      namespaced: false,
    });
    expect(establishedStatus(crd, "2026-07-01T00:00:00Z")).toMatchObject({
      acceptedNames: { plural: "sidecarsets" },
      storedVersions: ["v1beta1"],
      conditions: [
        { type: "NamesAccepted", status: "True" },
        { type: "Established", status: "True" },
      ],
    });
  });

  it("has a description on every field, for kubectl explain", () => {
    const bare = fieldsOf(crd.spec.versions[1]!.schema!.openAPIV3Schema!, "")
      .filter(({ path, schema }) => path !== ".metadata" && !schema.description)
      .map(({ path }) => path);
    expect(bare).toEqual([]);
  });

  it("lists the columns of the original first", () => {
    const { columns } = sidecarSets().versions.v1beta1!;
    expect(columns.filter(({ priority }) => priority === 0).map(({ name }) => name)).toEqual([
      "Name",
      "MATCHED",
      "UPDATED",
      "READY",
      "AGE",
      "PHASE",
    ]);
    const object = sidecarSet(
      {},
      {
        metadata: { name: "set", creationTimestamp: "2026-07-01T00:00:00Z" },
        status: { matchedPods: 12, updatedPods: 6, readyPods: 11, rollout: { phase: "Progressing" } },
      },
    );
    const now = Date.parse("2026-07-01T00:03:30Z");
    expect(columns.map((column) => column.value(object, now))).toEqual([
      "set",
      12,
      6,
      11,
      "3m30s",
      "Progressing",
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe("a SidecarSet sent to the API server", () => {
  it("is refused with the path and the expected type when matchLabels is a list", () => {
    const spec = { updateStrategy: { selector: { matchLabels: [{ "canary.release": true }] }, maxUnavailable: "10%" } };
    // Were the list's fields reported as unknown, nobody would hear what is expected in its place.
    expect(decode(sidecarSet(spec)).unknownFields).toEqual([]);
    expect(errorsOf(spec)).toEqual([
      'spec.updateStrategy.selector.matchLabels: Invalid value: "array": spec.updateStrategy.selector.matchLabels in body must be of type object: "array"',
    ]);
  });

  it("may be any of the launch article's", () => {
    const folder = join(import.meta.dirname, "../../examples/launch-article");
    const refused = readdirSync(folder).filter((file) =>
      parseAllDocuments(readFileSync(join(folder, file), "utf8")).some((document) => {
        const object = document.toJS() as ApiObject;
        return object.kind === "SidecarSet" && errorsOf(object.spec).length > 0;
      }),
    );
    expect(refused).toEqual(["canary-with-a-mistake.yaml"]);
  });

  it("may give a limit as a number or as a text, and nothing else", () => {
    expect(errorsOf({ updateStrategy: { maxUnavailable: 3, partition: "50%" } })).toEqual([]);
    expect(errorsOf({ updateStrategy: { partition: true } })).toEqual([
      'spec.updateStrategy.partition: Invalid value: "boolean": spec.updateStrategy.partition in body must be of type integer,string: "boolean"',
      '<nil>: Invalid value: "": "spec.updateStrategy.partition" must validate at least one schema (anyOf)',
      'spec.updateStrategy.partition: Invalid value: "boolean": spec.updateStrategy.partition in body must be of type integer: "boolean"',
    ]);
  });

  it("is told all that is wrong in one answer", () => {
    const spec = {
      containers: [{ name: "a", resourcesPolicy: { targetContainersMode: "avg" } }],
      updateStrategy: { scatterStrategy: [{ value: "x" }], paused: "yes" },
    };
    expect(errorsOf(spec)).toEqual([
      'spec.containers[0].resourcesPolicy.targetContainersMode: Unsupported value: "avg": supported values: "sum", "max"',
      "spec.containers[0].resourcesPolicy.resourcesExpr: Required value",
      "spec.updateStrategy.scatterStrategy[0].key: Required value",
      'spec.updateStrategy.paused: Invalid value: "string": spec.updateStrategy.paused in body must be of type boolean: "string"',
    ]);
  });

  it("keeps every field of a container and of a volume, and loses what nobody knows elsewhere", () => {
    const container = { name: "a", image: "a:1", future: { deep: [1] }, upgradeStrategy: { upgradeType: "X", odd: 1 } };
    const volumes = [{ name: "v", emptyDir: {}, future: 1 }];
    const { object, unknownFields } = decode(sidecarSet({ containers: [container], volumes, typo: 1 }));
    expect(object.spec).toEqual({
      containers: [{ ...container, upgradeStrategy: { upgradeType: "X" } }],
      volumes,
    });
    expect(unknownFields).toEqual(["spec.containers[0].upgradeStrategy.odd", "spec.typo"]);
  });

  it("gets the defaults of the schema and none besides", () => {
    const { object } = decode(
      sidecarSet({
        selector: null,
        imagePullSecrets: [{}],
        containers: [{ resourcesPolicy: { targetContainersMode: "sum", resourcesExpr: {} } }],
        injectionStrategy: { revision: { policy: null } },
        updateStrategy: {},
      }),
    );
    expect(object.spec).toEqual({
      imagePullSecrets: [{ name: "" }],
      containers: [
        { resourcesPolicy: { targetContainersMode: "sum", resourcesExpr: {}, targetContainersNameRegex: ".*" } },
      ],
      injectionStrategy: { revision: { policy: "Always" } },
      updateStrategy: {},
    });
  });

  it("is not judged again for what an update leaves as it was", () => {
    const kind = sidecarSets();
    const stored = sidecarSet({ updateStrategy: { paused: "yes" } });
    const update = sidecarSet({ updateStrategy: { paused: "yes", partition: 1 }, revisionHistoryLimit: "x" });
    const fields = kind.strategy.validateUpdate!(update, stored, "v1beta1").map(({ field }) => field);
    expect(fields).toEqual(["spec.revisionHistoryLimit"]);
  });

  it("has two conditions of one type refused, at the second", () => {
    const condition = { type: "Ready", status: "True" };
    const object = sidecarSet(
      {},
      { status: { matchedPods: 1, updatedPods: 1, readyPods: 1, conditions: [condition, condition] } },
    );
    const errors = sidecarSets().strategy.validateCreate!(object, "v1beta1");
    expect(errors).toEqual([
      { field: "status.conditions[1]", type: "FieldValueDuplicate", detail: "", value: { type: "Ready" } },
    ]);
  });

  it("keeps its status on a write of the spec, and its spec on a write of the status", () => {
    const kind = sidecarSets();
    const stored = sidecarSet({ a: 1 }, { status: { matchedPods: 1 } });
    const written = sidecarSet({ a: 2 }, { status: { matchedPods: 2 } });
    const context = { now: "", newUid: () => "" };
    expect(kind.strategy.prepareForUpdate!(written, stored, context)).toEqual({ ...written, status: stored.status });
    const { status } = kind.versions.v1beta1!.subresources;
    expect(status!.type === "view" && status!.write(written, stored)).toEqual({ ...stored, status: written.status });
  });
});

describe("a definition that cannot be served", () => {
  it("is refused with the field to mend", () => {
    const broken = {
      ...crd,
      metadata: { name: "wrong" },
      spec: {
        ...crd.spec,
        conversion: { strategy: "Webhook" },
        versions: crd.spec.versions.map((version) => ({ ...version, storage: true })),
      },
    };
    const result = customResource(broken);
    expect(!result.ok && result.error.map(({ field }) => field)).toEqual([
      "metadata.name",
      "spec.versions",
      "spec.conversion.strategy",
    ]);
  });
});

function fieldsOf(schema: StructuralSchema, at: string): { path: string; schema: StructuralSchema }[] {
  const declared = Object.entries(schema.properties ?? {}).map(([name, field]) => ({
    path: `${at}.${name}`,
    schema: field,
  }));
  return [
    ...declared.flatMap((field) => [field, ...fieldsOf(field.schema, field.path)]),
    ...(schema.items ? fieldsOf(schema.items, `${at}[]`) : []),
  ];
}
