import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { stringify } from "yaml";
import type { KubeObject } from "../../core/kube/object.ts";

/** An object of the input as it comes out. */
export interface PrintedObject {
  readonly before: KubeObject;
  /** The very same object where nothing about it changes. */
  readonly after: KubeObject;
  /** How it stood in its file; undefined for an entry of a List. */
  readonly written: string | undefined;
}

export type ObjectFormat = "yaml" | "json" | "diff" | "name";

/** `yaml` and `json` are all objects, to be applied; `diff` and `name` are what changes. */
export function printedObjects(objects: readonly PrintedObject[], format: ObjectFormat): string {
  const changed = objects.filter(({ before, after }) => before !== after);
  switch (format) {
    case "yaml":
      return objects.map(asYaml).join("---\n");
    case "json":
      return asJson(objects.map(({ after }) => after));
    case "diff":
      return changed.map(difference).join("");
    case "name":
      return changed.map(({ after }) => `${resourceName(after)}\n`).join("");
  }
}

/** As kubectl prints it: strings are never folded. */
const YAML_STYLE = { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false } as const;

/** What stays the same stays as it was written; of what changes the comments before it stay, which tell a template's file. */
function asYaml({ before, after, written }: PrintedObject): string {
  if (written === undefined) return stringify(after, YAML_STYLE);
  if (before === after) return written.endsWith("\n") ? written : `${written}\n`;
  const comments = /^(?:[ \t]*(?:#.*)?\r?\n)*/.exec(written)?.[0] ?? "";
  return `${comments.replace(/^\s*\n/gm, "")}${stringify(after, YAML_STYLE)}`;
}

function asJson(objects: readonly KubeObject[]): string {
  const [only] = objects;
  const document = objects.length === 1 ? only : { apiVersion: "v1", kind: "List", items: objects };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function difference({ before, after }: PrintedObject): string {
  const name = `${before.kind}/${nameOf(before)}`;
  const [from, to] = [before, after].map((object) => stringify(object, YAML_STYLE)) as [string, string];
  return createTwoFilesPatch(name, name, from, to, "before", "injected", {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
}

/** `deployment.apps/web`, as kubectl takes it. */
function resourceName(object: KubeObject): string {
  const slash = object.apiVersion.indexOf("/");
  const group = slash < 0 ? "" : `.${object.apiVersion.slice(0, slash)}`;
  return `${object.kind.toLowerCase()}${group}/${nameOf(object)}`;
}

function nameOf({ metadata }: KubeObject): string {
  return metadata.name ?? metadata.generateName ?? "";
}
