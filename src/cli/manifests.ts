import {
  type Document,
  isAlias,
  isMap,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Tags,
  visit,
  type YAMLError,
} from "yaml";
import { isJsonObject, type JsonObject, type KubeObject } from "../core/kube/object.ts";
import { CommandError } from "./exitCode.ts";
import { fieldPosition, type PlacedDocument, type Position, positionAt } from "./fieldPosition.ts";
import { type ManifestSources, readManifestFiles } from "./manifestFiles.ts";

/** An object of a file, and where it stands there. Its metadata may be anything. */
export interface LocatedObject {
  readonly object: JsonObject & { readonly apiVersion: string; readonly kind: string };
  readonly source: string;
  /** How it was written, comments included; undefined for an entry of a List. */
  readonly written: string | undefined;
  /** Where a field stands in the source, by its path in the object; "" is the object. */
  position(field: string): Position;
}

/** A {@link LocatedObject} that has metadata. */
export type Manifest = LocatedObject & { readonly object: KubeObject };

/** @throws CommandError naming the place */
export function asManifest(located: LocatedObject): Manifest {
  if (isJsonObject(located.object.metadata)) return located as Manifest;
  const place = placed({ source: located.source, position: located.position("metadata") });
  throw new CommandError(`${place}: ${located.object.kind}: metadata: an object with a name is expected`);
}

/** What cannot be read as a Kubernetes object, or reads otherwise than it looks. */
export interface ReadingProblem {
  readonly severity: "error" | "warning";
  readonly source: string;
  readonly position: Position;
  readonly message: string;
}

export interface ReadObjects {
  readonly objects: readonly LocatedObject[];
  readonly problems: readonly ReadingProblem[];
}

/** Reads YAML and JSON, several documents and Lists included, going on after what cannot be read. YAML is 1.1, as for kubectl. */
export async function readObjects(sources: ManifestSources): Promise<ReadObjects> {
  const files = await readManifestFiles(sources);
  const read = files.flatMap(({ content, source }) => parseObjects(content, source));
  return {
    objects: read.flatMap((reading) => ("object" in reading ? [reading] : [])),
    problems: read.flatMap((reading) => ("message" in reading ? [reading] : [])),
  };
}

/** `file:line:column`, which editors and terminals open. */
export function placed({ source, position }: { readonly source: string; readonly position: Position }): string {
  return `${source}:${position.line}:${position.column}`;
}

type Reading = LocatedObject | ReadingProblem;

function parseObjects(yaml: string, source: string): Reading[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(yaml, {
    version: "1.1",
    lineCounter: lines,
    prettyErrors: false,
    customTags: kubernetesTags,
  });
  return [...documents].flatMap((document) => {
    const problems = [
      ...document.errors.map((error) => problemOf(error, "error", { source, lines })),
      ...document.warnings.map((warning) => problemOf(warning, "warning", { source, lines })),
    ];
    if (document.errors.length > 0) return problems;
    return [...problems, ...objectsIn({ document, lines }, source, writtenOf(document, yaml))];
  });
}

/** Without its marker line. Comments before the first document belong to it, though they are not in its range. */
function writtenOf({ range: [start, end] }: Document.Parsed, yaml: string): string {
  const before = yaml.slice(0, start);
  const comments = /^\uFEFF?(?:[ \t]*(?:#.*)?\r?\n)+$/.test(before) ? before : "";
  return `${comments}${yaml.slice(start, end).replace(/^---(?=\s)[ \t]*(\r?\n)?/, "")}`;
}

/** Kubernetes' reader leaves times as texts, and 22:22 is not 1342. */
function kubernetesTags(tags: Tags): Tags {
  return tags.filter(
    (tag) => typeof tag === "string" || (tag.tag !== "tag:yaml.org,2002:timestamp" && tag.format !== "TIME"),
  );
}

function problemOf(
  { message, pos }: YAMLError,
  severity: ReadingProblem["severity"],
  { source, lines }: { readonly source: string; readonly lines: LineCounter },
): ReadingProblem {
  return { severity, source, position: positionAt(lines, pos[0]), message };
}

function objectsIn(placedDocument: PlacedDocument, source: string, written: string): Reading[] {
  const { document, lines } = placedDocument;
  try {
    const value: unknown = document.toJS();
    return value === null || value === undefined
      ? []
      : objectsOf({ value, node: document.contents, written }, { placedDocument, source });
  } catch (error) {
    // Aliases are followed only here: one may lead nowhere, or too many grow without bound.
    const position = positionAt(lines, brokenAlias(document) ?? document.range?.[0] ?? 0);
    return [{ severity: "error", source, position, message: (error as Error).message }];
  }
}

function brokenAlias(document: Document): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      offset = alias.range?.[0];
      return visit.BREAK;
    },
  });
  return offset;
}

interface Part {
  readonly value: unknown;
  readonly node: unknown;
  readonly written?: string;
}

function objectsOf(
  { value, node, written }: Part,
  from: { readonly placedDocument: PlacedDocument; readonly source: string },
): Reading[] {
  const { placedDocument, source } = from;
  const position = (field: string) => fieldPosition(placedDocument, node, field);
  if (!isJsonObject(value) || typeof value.kind !== "string" || typeof value.apiVersion !== "string") {
    const message = "a Kubernetes object is expected, with apiVersion and kind";
    return [{ severity: "error", source, position: position(""), message }];
  }
  if (value.kind === "List" && (value.items ?? null) === null) return [];
  if (value.kind.endsWith("List") && Array.isArray(value.items)) {
    const nodes = itemNodes(node, placedDocument.document);
    const type = itemType(value.apiVersion, value.kind);
    return value.items.flatMap((item: unknown, index) =>
      objectsOf({ value: isJsonObject(item) ? { ...type, ...item } : item, node: nodes[index] }, from),
    );
  }
  return [{ object: value as LocatedObject["object"], source, written, position }];
}

function itemNodes(list: unknown, document: Document): readonly unknown[] {
  const items = isMap(list) ? list.get("items", true) : undefined;
  const resolved = isAlias(items) ? items.resolve(document) : items;
  return isSeq(resolved) ? resolved.items : [];
}

/** The items of a PodList need not say what they are; those of a List do. */
function itemType(apiVersion: string, listKind: string): { apiVersion?: string; kind?: string } {
  return listKind === "List" ? {} : { apiVersion, kind: listKind.slice(0, -"List".length) };
}
