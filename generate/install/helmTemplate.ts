import { unreachable } from "../../src/core/result.ts";
import { type Condition, type Fact, type Node, Slot, SPREAD } from "./slots.ts";

/** A manifest as a template of Helm: YAML whose slots are actions. A condition about the whole manifest goes around it. */
export function helmTemplate(manifest: Node): string {
  return document(manifest).join("\n");
}

const FACTS: Readonly<Record<Fact, string>> = { namespace: ".Release.Namespace", appVersion: ".Chart.AppVersion" };

function document(node: Node): readonly string[] {
  if (!(node instanceof Slot)) return ["---", ...block(node, "")];
  const { of } = node;
  if (of.kind === "spread") return [`{{- range .Values.${of.path} }}`, "---", "{{ . | toJson }}", "{{- end }}"];
  if (of.kind !== "when") throw new Error("a manifest is a map");
  return conditional(of.condition, document(of.then), instead(of.otherwise, document));
}

/** The lines of a map or list with something in it. */
function block(node: Node, indent: string): readonly string[] {
  if (Array.isArray(node)) return node.flatMap((item: Node) => itemLines(item, indent));
  return Object.entries(node as Record<string, Node>).flatMap(([key, entry]) => entryLines(key, entry, indent));
}

function entryLines(key: string, node: Node, indent: string): readonly string[] {
  if (node instanceof Slot && node.of.kind === "spread" && key === SPREAD) {
    const line = `${indent}{{ $key | toJson }}: {{ $value | toJson }}`;
    return [`{{- range $key, $value := .Values.${node.of.path} }}`, line, "{{- end }}"];
  }
  if (node instanceof Slot && node.of.kind === "when") {
    const { condition, then, otherwise } = node.of;
    const lines = (entry: Node) => entryLines(key, entry, indent);
    return conditional(condition, lines(then), instead(otherwise, lines));
  }
  const name = `${indent}${plain(key)}:`;
  return isBlock(node) ? [name, ...block(node, `${indent}  `)] : [`${name} ${inline(node)}`];
}

function itemLines(node: Node, indent: string): readonly string[] {
  if (node instanceof Slot && node.of.kind === "spread") {
    return [`{{- range .Values.${node.of.path} }}`, `${indent}- {{ . | toJson }}`, "{{- end }}"];
  }
  if (node instanceof Slot && node.of.kind === "when") {
    const { condition, then, otherwise } = node.of;
    const lines = (item: Node) => itemLines(item, indent);
    return conditional(condition, lines(then), instead(otherwise, lines));
  }
  if (!isBlock(node)) return [`${indent}- ${inline(node)}`];
  const lines = block(node, `${indent}  `);
  // The dash goes before the first key; where that one is conditional it stands alone.
  const [first = "", ...others] = lines;
  return first.startsWith("{{") ? [`${indent}-`, ...lines] : [`${indent}- ${first.trimStart()}`, ...others];
}

function conditional(
  condition: Condition,
  then: readonly string[],
  otherwise: readonly string[] | undefined,
): readonly string[] {
  const second = otherwise === undefined ? [] : ["{{- else }}", ...otherwise];
  return [`{{- if ${test(condition)} }}`, ...then, ...second, "{{- end }}"];
}

function instead(otherwise: Node | undefined, lines: (node: Node) => readonly string[]): readonly string[] | undefined {
  return otherwise === undefined ? undefined : lines(otherwise);
}

function isBlock(node: Node): boolean {
  return typeof node === "object" && node !== null && !(node instanceof Slot) && Object.keys(node).length > 0;
}

/** What stands in one line. */
function inline(node: Node): string {
  if (node instanceof Slot) return slotInLine(node);
  if (typeof node === "string") return plain(node);
  return escaped(JSON.stringify(node));
}

function slotInLine(slot: Slot): string {
  const { of } = slot;
  switch (of.kind) {
    case "value":
      return `{{ .Values.${of.path} | toJson }}`;
    case "sum":
      return `{{ add .Values.${of.path} ${of.plus} }}`;
    case "fact":
      return `{{ ${FACTS[of.fact]} }}`;
    case "file":
      return `{{ .Files.Get ${JSON.stringify(of.path)} | toJson }}`;
    case "text":
    case "commaList":
      return `"${inText(slot)}"`;
    case "when":
    case "spread":
      throw new Error(`a slot of kind ${of.kind} stands for an entry or item`);
    default:
      return unreachable(of);
  }
}

function inText(part: string | Slot): string {
  if (typeof part === "string") return escaped(JSON.stringify(part).slice(1, -1));
  const { of } = part;
  switch (of.kind) {
    case "text":
      return of.parts.map(inText).join("");
    case "value":
      return `{{ .Values.${of.path} }}`;
    case "commaList":
      return `{{ join "," .Values.${of.path} }}`;
    case "fact":
      return `{{ ${FACTS[of.fact]} }}`;
    case "when": {
      const otherwise = of.otherwise === undefined ? "" : `{{ else }}${inText(of.otherwise as string | Slot)}`;
      return `{{ if ${test(of.condition)} }}${inText(of.then as string | Slot)}${otherwise}{{ end }}`;
    }
    default:
      throw new Error(`a slot of kind ${of.kind} has no place in a text`);
  }
}

function test(condition: Condition): string {
  switch (condition.kind) {
    case "isTrue":
    case "isGiven":
      return `.Values.${condition.path}`;
    case "is":
      return `eq (toString .Values.${condition.path}) ${JSON.stringify(condition.value)}`;
    case "serves":
      return `.Capabilities.APIVersions.Has ${JSON.stringify(condition.api)}`;
    case "not":
      return `not (${test(condition.condition)})`;
    case "all":
      return `and ${condition.conditions.map((one) => `(${test(one)})`).join(" ")}`;
    case "any":
      return `or ${condition.conditions.map((one) => `(${test(one)})`).join(" ")}`;
    default:
      return unreachable(condition);
  }
}

/** Without quotes where YAML reads no number, truth or the like in it. */
function plain(text: string): string {
  const isPlain = /^[A-Za-z/][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : escaped(JSON.stringify(text));
}

/** Braces that belong to the text, in alerts for instance, are none of Helm's. */
function escaped(text: string): string {
  return text.replaceAll("{{", '{{ "{{" }}');
}
