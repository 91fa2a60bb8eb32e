import type { TypeTexts } from "../../src/simulator/schema/builtinTypes.ts";

/** The schemas of OpenAPI v3 documents, by name. */
export type OpenApiSchemas = Record<string, OpenApiSchema>;

interface OpenApiSchema {
  readonly type?: string;
  readonly format?: string;
  readonly default?: unknown;
  readonly $ref?: string;
  readonly allOf?: readonly OpenApiSchema[];
  readonly items?: OpenApiSchema;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly additionalProperties?: OpenApiSchema;
  readonly required?: readonly string[];
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: string;
  readonly "x-kubernetes-patch-strategy"?: string;
  readonly "x-kubernetes-patch-merge-key"?: string;
  readonly "x-kubernetes-group-version-kind"?: readonly Kind[];
}

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** What the kinds and all that they hold look like, in the words of `builtinTypes.json`. Sorted, so that a change shows as one. */
export function describedTypes(schemas: OpenApiSchemas, kinds: readonly Kind[]): TypeTexts {
  const described = new Map<string, Record<string, string>>();
  const describe = (name: string): void => {
    const schema = schemas[name];
    if (!schema?.properties || described.has(shortName(name))) return;
    const fields: Record<string, string> = {};
    described.set(shortName(name), fields);
    if (schema["x-kubernetes-map-type"] === "atomic") fields[""] = "atomic";
    for (const [field, content] of Object.entries(schema.properties).sort(([a], [b]) => (a < b ? -1 : 1))) {
      fields[schema.required?.includes(field) ? `${field}!` : field] = text(content);
    }
  };
  const text = (schema: OpenApiSchema): string => {
    const value = schema.default;
    const suffix = typeof value === "string" && value !== "" ? ` =${value}` : "";
    return `${body(schema)}${patchKind(schema)}${suffix}`;
  };
  const body = (schema: OpenApiSchema): string => {
    const reference = (schema.$ref ?? schema.allOf?.[0]?.$ref)?.split("/").at(-1);
    if (reference !== undefined) {
      describe(reference);
      return described.has(shortName(reference)) ? shortName(reference) : scalar(reference, schemas[reference] ?? {});
    }
    if (schema.type === "array") return `[]${body(schema.items ?? {})}${listKind(schema)}`;
    if (schema.additionalProperties) {
      const atomic = schema["x-kubernetes-map-type"] === "atomic" ? " atomic" : "";
      return `{}${body(schema.additionalProperties)}${atomic}`;
    }
    return schema.type === undefined || schema.type === "object" ? "any" : schema.type;
  };
  const wanted = new Set(kinds.map(keyOf));
  for (const [name, schema] of Object.entries(schemas)) {
    if (
      schema["x-kubernetes-group-version-kind"]?.length === 1 &&
      wanted.has(keyOf(schema["x-kubernetes-group-version-kind"][0]!))
    )
      describe(name);
  }
  return Object.fromEntries([...described].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function keyOf({ group, version, kind }: Kind): string {
  return `${group}/${version}/${kind}`;
}

/** `io.k8s.api.core.v1.Container` → `core.v1.Container`. */
function shortName(name: string): string {
  return name.replace(/^io\.k8s\.(api\.|apimachinery\.pkg\.apis\.|apiextensions-apiserver\.pkg\.apis\.)/, "");
}

function scalar(name: string, schema: OpenApiSchema): string {
  if (name.endsWith(".IntOrString")) return "intOrString";
  if (name.endsWith(".Quantity")) return "quantity";
  if (schema.format === "date-time") return "time";
  return schema.type === undefined || schema.type === "object" ? "any" : schema.type;
}

function listKind(schema: OpenApiSchema): string {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (schema["x-kubernetes-list-type"] === "map" && keys) return ` by ${keys.join(",")}`;
  return schema["x-kubernetes-list-type"] === "set" ? " set" : "";
}

function patchKind(schema: OpenApiSchema): string {
  const strategy = schema["x-kubernetes-patch-strategy"];
  const key = schema["x-kubernetes-patch-merge-key"];
  return strategy === undefined ? "" : ` ~${strategy}${key === undefined ? "" : `:${key}`}`;
}
