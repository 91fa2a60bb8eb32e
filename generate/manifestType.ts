import type { DeclaredField, DeclaredObject, DeclaredType } from "./declaredObjects.ts";

const WIDTH = 110;

/** The TypeScript type of a SidecarSet as people write it, with the definition's descriptions as docstrings. */
export function manifestType(objects: readonly DeclaredObject[], apiVersions: readonly string[]): string {
  return [
    'import type { IntOrPercent } from "../../kube/intOrPercent.ts";',
    'import type { LabelSelector } from "../../kube/labelSelector.ts";',
    'import type { ObjectMeta } from "../../kube/object.ts";',
    'import type { Container, Volume } from "../../kube/pod.ts";',
    "",
    ...docstring(
      "A SidecarSet of either API version as it is written, in a file or in the API: what may be left out is optional.",
    ),
    "export interface SidecarSetManifest {",
    `readonly apiVersion: ${apiVersions.map((version) => JSON.stringify(version)).join(" | ")};`,
    'readonly kind: "SidecarSet";',
    "readonly metadata?: ObjectMeta;",
    "readonly spec?: Spec;",
    "readonly status?: Status;",
    "}",
    ...objects.toReversed().flatMap(interfaceOf),
  ].join("\n");
}

function interfaceOf({ name, description, fields, open }: DeclaredObject): string[] {
  return [
    "",
    ...docstring(description),
    `interface ${name} ${open === "container" ? "extends Container " : ""}{`,
    ...fields.flatMap(memberOf),
    ...(open === "any" ? ["readonly [field: string]: unknown;"] : []),
    "}",
  ];
}

function memberOf({ name, description, required, type }: DeclaredField): string[] {
  return [...docstring(description), `readonly ${name}${required ? "" : "?"}: ${typeText(type)};`];
}

function typeText(type: DeclaredType): string {
  switch (type.kind) {
    case "string":
      return type.values.length === 0 ? "string" : type.values.map((value) => JSON.stringify(value)).join(" | ");
    case "list":
      return `readonly ${typeText(type.item)}[]`;
    case "object":
      return type.name;
    default:
      return PLAIN[type.kind];
  }
}

const PLAIN: Readonly<Record<Exclude<DeclaredType["kind"], "string" | "list" | "object">, string>> = {
  boolean: "boolean",
  int32: "number",
  int64: "number",
  intOrString: "IntOrPercent",
  time: "string",
  labelSelector: "LabelSelector",
  volumes: "readonly Volume[]",
  map: "Readonly<Record<string, string>>",
};

function docstring(text: string): string[] {
  const lines = wrapped(text.replaceAll("*/", "*\\/"));
  return lines.length === 1 ? [`/** ${lines[0]} */`] : ["/**", ...lines.map((line) => ` * ${line}`), " */"];
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
