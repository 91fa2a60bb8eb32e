import { unreachable } from "../../core/result.ts";
import { collectionOf, fieldsOfType, type Held, isAtomicType, type TypeField } from "./builtinTypes.ts";

/** The schemas of built-in types as OpenAPI v3 documents them, with everything they hold. Nobody wrote descriptions into them. */
export function openApiSchemas(names: readonly string[]): Record<string, Record<string, unknown>> {
  const schemas = Object.fromEntries(Object.values(NAMED_SCALARS).map(({ name, schema }) => [name, schema]));
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const fields = fieldsOfType(name);
    if (!fields || Object.hasOwn(schemas, openApiName(name))) continue;
    const required = fields.filter((field) => field.required).map((field) => field.name);
    schemas[openApiName(name)] = {
      type: "object",
      properties: Object.fromEntries(fields.map((field) => [field.name, schemaOfField(field)])),
      ...(required.length > 0 ? { required } : {}),
      ...(isAtomicType(name) ? { "x-kubernetes-map-type": "atomic" } : {}),
    };
    waiting.push(...fields.flatMap(({ holds }) => typesIn(holds)));
  }
  return schemas;
}

/** `core.v1.Pod` → `io.k8s.api.core.v1.Pod`. */
export function openApiName(type: string): string {
  const [group] = type.split(".");
  if (group === "meta") return `io.k8s.apimachinery.pkg.apis.${type}`;
  return group === "apiextensions" ? `io.k8s.apiextensions-apiserver.pkg.apis.${type}` : `io.k8s.api.${type}`;
}

function typesIn(held: Held): string[] {
  if (held.of === "type") return [held.name];
  return held.of === "scalar" ? [] : typesIn(held.items);
}

function schemaOfField({ holds, patchStrategy, patchMergeKey, default: value }: TypeField): Record<string, unknown> {
  return {
    ...schemaOf(holds),
    ...(patchStrategy === undefined ? {} : { "x-kubernetes-patch-strategy": patchStrategy }),
    ...(patchMergeKey === undefined ? {} : { "x-kubernetes-patch-merge-key": patchMergeKey }),
    ...(value === undefined ? {} : { default: value }),
  };
}

function schemaOf(held: Held): Record<string, unknown> {
  switch (held.of) {
    case "scalar":
      return scalar(held.name);
    case "type":
      return reference(openApiName(held.name));
    case "map":
    case "list":
      return collectionOf(held, schemaOf(held.items));
    default:
      return unreachable(held);
  }
}

function scalar(name: string): Record<string, unknown> {
  const named = NAMED_SCALARS[name];
  if (named) return reference(named.name);
  return name === "any" ? ANY : { type: name };
}

function reference(name: string): Record<string, unknown> {
  return { allOf: [{ $ref: `#/components/schemas/${name}` }] };
}

const ANY = { type: "object" };

/** Kinds of values that have a name and a form of their own. */
const NAMED_SCALARS: Readonly<Record<string, { readonly name: string; readonly schema: Record<string, unknown> }>> = {
  time: {
    name: "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
    schema: { type: "string", format: "date-time" },
  },
  intOrString: {
    name: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    schema: { oneOf: [{ type: "integer" }, { type: "string" }], format: "int-or-string" },
  },
  quantity: {
    name: "io.k8s.apimachinery.pkg.api.resource.Quantity",
    schema: { oneOf: [{ type: "string" }, { type: "number" }] },
  },
};
