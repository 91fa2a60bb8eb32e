import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from "yaml";

/** A place in a text, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A document of a file with what is needed to say where its fields stand. */
export interface PlacedDocument {
  readonly document: Document;
  readonly lines: LineCounter;
}

/**
 * Where a field stands, by its path as Kubernetes writes it: `spec.containers[0].image`, `metadata.annotations[example.com/a.b]`.
 * A field of a map is where its key is, an entry of a list where its value is. A field that is not there has the place of the
 * nearest parent that is.
 * @param object the node of the object that the path begins in; a document may hold a List of them
 */
export function fieldPosition(placed: PlacedDocument, object: unknown, field: string): Position {
  let parent: unknown = object;
  let offset = offsetOf(parent) ?? 0;
  let rest = field;
  while (rest !== "") {
    const child = childOf(resolved(parent, placed.document), rest, placed.document);
    if (!child) break;
    parent = child.value;
    offset = offsetOf(child.place) ?? offset;
    rest = rest.slice(child.length);
  }
  return positionAt(placed.lines, offset);
}

export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

interface Child {
  /** The node whose place is the child's. */
  readonly place: unknown;
  readonly value: unknown;
  /** How much of the path it takes. */
  readonly length: number;
}

function childOf(parent: unknown, path: string, document: Document): Child | undefined {
  if (isSeq(parent)) return entryOf(parent.items, path);
  return isMap(parent) ? memberOf(pairsOf(parent.items, document), path) : undefined;
}

function entryOf(items: readonly unknown[], path: string): Child | undefined {
  const index = /^\[(\d+)\]/.exec(path);
  const item = index ? items[Number(index[1])] : undefined;
  return index && item !== undefined ? { place: item, value: item, length: index[0].length } : undefined;
}

/** Keys may hold dots and brackets, so the path is compared with the keys that there are; the longest wins. */
function memberOf(pairs: readonly Pair[], path: string): Child | undefined {
  const candidates = pairs.flatMap(({ key, value }): Child[] => {
    const name = isScalar(key) ? String(key.value) : undefined;
    if (name === undefined) return [];
    const written = [`[${name}]`, `.${name}`, name].find((text) => path.startsWith(text) && endsThere(path, text));
    return written === undefined ? [] : [{ place: key, value, length: written.length }];
  });
  return candidates.reduce<Child | undefined>(
    (longest, child) => (longest === undefined || child.length > longest.length ? child : longest),
    undefined,
  );
}

function endsThere(path: string, text: string): boolean {
  return path.length === text.length || path[text.length] === "." || path[text.length] === "[";
}

/** Own members first: they win over those that `<<` merges in. */
function pairsOf(items: readonly Pair[], document: Document): Pair[] {
  const merged = items.filter(isMerge).flatMap(({ value }) => {
    const source = resolved(value, document);
    return isSeq(source) ? source.items.map((item) => resolved(item, document)) : [source];
  });
  return [...items, ...merged.flatMap((source) => (isMap(source) ? pairsOf(source.items, document) : []))];
}

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.source === "<<";
}

function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function offsetOf(node: unknown): number | undefined {
  return (node as Partial<Node> | null | undefined)?.range?.[0];
}
