import { isJsonObject, type Json, type JsonObject } from "../../src/core/kube/object.ts";
import { unreachable } from "../../src/core/result.ts";
import { type Condition, type Fact, type Node, Slot, SPREAD } from "./slots.ts";

/** With what slots are filled in. */
export interface Installation {
  readonly values: JsonObject;
  readonly facts: Readonly<Record<Fact, string>>;
  /** `GROUP/VERSION` and `GROUP/VERSION/KIND` that the API server serves. */
  readonly apis: ReadonlySet<string>;
  /** Files of the chart by their path. */
  readonly files: ReadonlyMap<string, string>;
}

/** The manifest with every slot filled in. @returns undefined where it is left out */
export function resolve(node: Node, installation: Installation): Json | undefined {
  if (node instanceof Slot) return filled(node, installation);
  if (Array.isArray(node)) return node.flatMap((item: Node) => items(item, installation));
  if (typeof node === "object" && node !== null) {
    return Object.fromEntries(Object.entries(node).flatMap(([key, item]) => entries(key, item, installation)));
  }
  return node as Json;
}

function items(node: Node, installation: Installation): readonly Json[] {
  if (node instanceof Slot && node.of.kind === "spread") return listAt(node.of.path, installation);
  const item = resolve(node, installation);
  return item === undefined ? [] : [item];
}

function entries(key: string, node: Node, installation: Installation): readonly [string, Json][] {
  if (key === SPREAD && node instanceof Slot && node.of.kind === "spread") {
    const map = at(node.of.path, installation);
    return isJsonObject(map) ? (Object.entries(map) as [string, Json][]) : [];
  }
  const item = resolve(node, installation);
  return item === undefined ? [] : [[key, item]];
}

function filled({ of }: Slot, installation: Installation): Json | undefined {
  switch (of.kind) {
    case "value":
      return at(of.path, installation) ?? null;
    case "text":
      return of.parts.map((part) => (typeof part === "string" ? part : String(filled(part, installation)))).join("");
    case "commaList":
      return listAt(of.path, installation).join(",");
    case "sum":
      return Number(at(of.path, installation)) + of.plus;
    case "fact":
      return installation.facts[of.fact];
    case "file":
      return installation.files.get(of.path) ?? "";
    case "when":
      if (holds(of.condition, installation)) return resolve(of.then, installation);
      return of.otherwise === undefined ? undefined : resolve(of.otherwise, installation);
    case "spread":
      throw new Error(`${of.path} is spread outside of a list or map`);
    default:
      return unreachable(of);
  }
}

function holds(condition: Condition, installation: Installation): boolean {
  switch (condition.kind) {
    case "isTrue":
      return at(condition.path, installation) === true;
    case "isGiven":
      return isGiven(at(condition.path, installation));
    case "is":
      return String(at(condition.path, installation)) === condition.value;
    case "serves":
      return installation.apis.has(condition.api);
    case "not":
      return !holds(condition.condition, installation);
    case "all":
      return condition.conditions.every((one) => holds(one, installation));
    case "any":
      return condition.conditions.some((one) => holds(one, installation));
    default:
      return unreachable(condition);
  }
}

function isGiven(value: Json | undefined): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== "";
}

function listAt(path: string, installation: Installation): readonly Json[] {
  const list = at(path, installation);
  return Array.isArray(list) ? (list as readonly Json[]) : [];
}

function at(path: string, { values }: Installation): Json | undefined {
  return path
    .split(".")
    .reduce<Json | undefined>((found, key) => (isJsonObject(found) ? found[key] : undefined), values);
}
