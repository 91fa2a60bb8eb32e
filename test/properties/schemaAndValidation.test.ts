import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Json, JsonObject } from "../../src/core/kube/object.ts";
import { unknownFields } from "../../src/core/kube/unknownFields.ts";
import { EITHER_VERSION } from "../../src/core/sidecarSet/sidecarSetShape.ts";
import { validateSidecarSet } from "../../src/core/sidecarSet/validateSidecarSet.ts";
import { type CustomResourceDefinition, customResource } from "../../src/simulator/customResourceDefinition.ts";
import type { StructuralSchema } from "../../src/simulator/customResourceSchema.ts";
import { compileGoPattern } from "../../src/webhook/goPattern.ts";

const definition = parse(
  readFileSync(join(import.meta.dirname, "../../deploy/crd.yaml"), "utf8"),
) as CustomResourceDefinition;
const schema = definition.spec.versions[0]!.schema!.openAPIV3Schema!;

/** What a place of the schema takes and does not take, and the spec with a value there. */
interface Place {
  readonly path: string;
  readonly schema: StructuralSchema;
  readonly holding: (value: Json) => JsonObject;
}

const places = ["spec", "status"].flatMap((part) =>
  placesIn({ path: part, schema: schema.properties![part]!, holding: (value) => ({ [part]: value }) }),
);
const rules = places
  .filter(({ path }) => path.startsWith("spec"))
  .flatMap(({ path, schema: { enum: values, minimum }, holding }) => [
    ...(values ? [{ path, holding, wrong: "nonsense", right: values as readonly Json[] }] : []),
    ...(minimum === undefined ? [] : [{ path, holding, wrong: minimum - 1, right: [minimum] }]),
  ]);

describe("a value that the cluster's schema judges", () => {
  it("is found in the definition", () => {
    expect(rules.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["spec.injectionStrategy.engine", "spec.updateStrategy.steps[0].pause.seconds"]),
    );
  });

  it.each(rules.map((rule) => [rule.path, rule] as const))(
    "%s, is judged alike where there is no cluster",
    (path, rule) => {
      expect(bySchema(rule.holding(rule.wrong))).toContain(path);
      expect(byValidation(rule.holding(rule.wrong))).toContain(path);
      for (const value of rule.right) {
        expect(bySchema(rule.holding(value))).not.toContain(path);
        expect(byValidation(rule.holding(value))).not.toContain(path);
      }
    },
  );
});

describe("a field that nobody knows", () => {
  const closed = places.filter(({ schema }) => schema.properties && !schema["x-kubernetes-preserve-unknown-fields"]);

  it.each(closed.map((place) => [place.path, place] as const))(
    "in %s, is found without a cluster too",
    (path, place) => {
      const object = asSidecarSet(place.holding({ nonsense: 1 }));
      expect(sidecarSets().versions.v1beta1!.decode(object).unknownFields).toEqual([`${path}.nonsense`]);
      expect(unknownFields(object, EITHER_VERSION)).toEqual([{ field: `${path}.nonsense`, meant: undefined }]);
    },
  );

  it("is none of those that the definition declares", () => {
    for (const { path, holding, schema } of places) {
      const object = asSidecarSet(holding(schema.type === "object" ? {} : schema.type === "array" ? [] : 1));
      expect([path, unknownFields(object, EITHER_VERSION)]).toEqual([path, []]);
    }
  });
});

function placesIn(place: Place): Place[] {
  const { path, schema, holding } = place;
  const fields = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    placesIn({ path: `${path}.${name}`, schema: field, holding: (value) => holding({ [name]: value }) }),
  );
  const { items } = schema;
  const entries = items ? placesIn({ path: `${path}[0]`, schema: items, holding: (value) => holding([value]) }) : [];
  return [place, ...fields, ...entries];
}

function bySchema(object: JsonObject): readonly string[] {
  return sidecarSets().strategy.validateCreate!(asSidecarSet(object), "v1beta1").map(({ field }) => field);
}

function sidecarSets() {
  const kind = customResource(definition);
  if (!kind.ok) throw new Error(JSON.stringify(kind.error));
  return kind.value;
}

function asSidecarSet(object: JsonObject) {
  return { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", metadata: { name: "a" }, ...object };
}

function byValidation(sidecarSet: JsonObject): readonly string[] {
  const errors = validateSidecarSet({
    sidecarSet,
    existing: [],
    revisions: [],
    metadataRules: { allowedByDefault: true },
    compilePattern: compileGoPattern,
  });
  return errors.map(({ field }) => field);
}
