import type { StructuralSchema } from "../src/simulator/customResourceSchema.ts";

/** An object that the definition declares, under the name that generated code gives it. */
export interface DeclaredObject {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly DeclaredField[];
  /** What else it may hold: nothing, the fields of a pod's container, or anything. */
  readonly open: "no" | "container" | "any";
}

export interface DeclaredField {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly type: DeclaredType;
}

export type DeclaredType =
  | { readonly kind: "string"; readonly values: readonly string[] }
  | { readonly kind: "boolean" | "int32" | "int64" | "intOrString" | "time" | "labelSelector" | "volumes" }
  | { readonly kind: "list"; readonly item: DeclaredType }
  | { readonly kind: "map" }
  | { readonly kind: "object"; readonly name: string };

/**
 * Every object below `spec` and `status`, each after those it is made of. The two lists of containers hold one kind of object.
 * @throws Error for a schema that generated code could not express; it stops the generator, not the product
 */
export function declaredObjects(schema: StructuralSchema): readonly DeclaredObject[] {
  const objects: DeclaredObject[] = [];
  for (const part of ["status", "spec"]) declare(part, fieldOf(schema, part), objects);
  return objects;
}

function declare(name: string, schema: StructuralSchema, objects: DeclaredObject[]): DeclaredType {
  const open = opennessOf(schema);
  const fields = Object.entries(schema.properties ?? {}).map(([field, content]) => ({
    name: field,
    description: content.description ?? "",
    required: schema.required?.includes(field) ?? false,
    type: typeOf(field, content, objects),
  }));
  const object = { name: open === "container" ? "Sidecar" : capitalised(name), description: "", fields, open };
  const twin = objects.find((other) => other.name === object.name);
  if (!twin) objects.push({ ...object, description: schema.description ?? "" });
  else if (JSON.stringify({ ...twin, description: "" }) !== JSON.stringify(object)) {
    throw new Error(`two different objects of the definition would be called ${object.name}`);
  }
  return { kind: "object", name: object.name };
}

function typeOf(name: string, schema: StructuralSchema, objects: DeclaredObject[]): DeclaredType {
  if (schema["x-kubernetes-int-or-string"]) return { kind: "intOrString" };
  switch (schema.type) {
    case "string":
      if (schema.format === "date-time") return { kind: "time" };
      return { kind: "string", values: (schema.enum ?? []).map(String) };
    case "boolean":
      return { kind: "boolean" };
    case "integer":
      if (schema.format === "int32" || schema.format === "int64") return { kind: schema.format };
      break;
    case "array":
      if (schema.items) return { kind: "list", item: typeOf(name.replace(/s$/, ""), schema.items, objects) };
      break;
    case "object":
      if (schema.properties?.matchLabels) return { kind: "labelSelector" };
      if (schema.additionalProperties) return { kind: "map" };
      return declare(name, schema, objects);
    case undefined:
      if (name === "volumes") return { kind: "volumes" };
  }
  throw new Error(`${name}: the generator knows no type for ${JSON.stringify({ ...schema, description: undefined })}`);
}

function opennessOf({ properties = {}, ...schema }: StructuralSchema): DeclaredObject["open"] {
  if (!schema["x-kubernetes-preserve-unknown-fields"]) return "no";
  return properties.podInjectPolicy ? "container" : "any";
}

function fieldOf(schema: StructuralSchema, name: string): StructuralSchema {
  const field = schema.properties?.[name];
  if (!field) throw new Error(`the definition declares no ${name}`);
  return field;
}

function capitalised(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
