import type { DeclaredField, DeclaredObject, DeclaredType } from "./declaredObjects.ts";

/** The definition's fields as a table of src/core/kube/shape.ts, by which we read SidecarSets and find what no field is. */
export function declaredShape(objects: readonly DeclaredObject[]): string {
  const constants = objects.filter(({ open }) => open !== "any").map((object) => constantOf(object, objects));
  return `
import { CONTAINER_FIELDS } from "../../kube/containerShape.ts";
import { LABEL_SELECTOR } from "../../kube/metadataShape.ts";
import { always, ANY, BOOLEAN, INT_OR_STRING, INT32, INT64, listOf, mapOf, objectOf, present, STRING, TIME } from "../../kube/shape.ts";
import { VOLUME } from "../../kube/volumeShape.ts";

${constants.join("\n\n")}
`;
}

function constantOf({ name, fields, open }: DeclaredObject, objects: readonly DeclaredObject[]): string {
  const members = fields.map((field) => memberOf(field, objects));
  const all = open === "container" ? ["...CONTAINER_FIELDS", ...members] : members;
  const isRoot = name === "Spec" || name === "Status";
  return `${isRoot ? "export " : ""}const ${constantName(name)} = objectOf(${all.join(", ")});`;
}

function memberOf({ name, required, type }: DeclaredField, objects: readonly DeclaredObject[]): string {
  return `${required ? "always" : "present"}("${name}", ${shapeText(type, name, objects)})`;
}

function shapeText(type: DeclaredType, field: string, objects: readonly DeclaredObject[]): string {
  switch (type.kind) {
    case "list":
      return `listOf(${shapeText(type.item, field, objects)})`;
    case "map":
      return `mapOf(STRING, "${field.replace(/s$/, "")} keys to values")`;
    case "object":
      return objects.some(({ name, open }) => name === type.name && open === "any") ? "ANY" : constantName(type.name);
    default:
      return PLAIN[type.kind];
  }
}

const PLAIN: Readonly<Record<Exclude<DeclaredType["kind"], "list" | "map" | "object">, string>> = {
  string: "STRING",
  boolean: "BOOLEAN",
  int32: "INT32",
  int64: "INT64",
  intOrString: "INT_OR_STRING",
  time: "TIME",
  labelSelector: "LABEL_SELECTOR",
  volumes: "listOf(VOLUME)",
};

/** `UpdateStrategy` → `UPDATE_STRATEGY` */
function constantName(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
