import { stringify } from "yaml";
import type { Json, JsonObject } from "../../src/core/kube/object.ts";
import { VALUES, type Value } from "./values.ts";

/** values.yaml: every value with its default, and above it what it means. */
export function valuesFile(): string {
  const lines: string[] = [];
  let open: readonly string[] = [];
  for (const { path, default: initial, description } of VALUES) {
    const keys = path.split(".");
    const shared = keys.slice(0, -1).findIndex((key, depth) => open[depth] !== key);
    const parents = keys.slice(0, -1);
    for (
      let depth = shared === -1 ? Math.min(open.length, parents.length) : shared;
      depth < parents.length;
      depth += 1
    ) {
      lines.push(`${"  ".repeat(depth)}${parents[depth]}:`);
    }
    open = parents;
    const indent = "  ".repeat(parents.length);
    lines.push(`${indent}# ${description}`);
    const written = stringify({ [keys.at(-1)!]: initial }, { lineWidth: 140 })
      .trimEnd()
      .split("\n");
    lines.push(...written.map((line) => indent + line));
  }
  return `${lines.join("\n")}\n`;
}

/** JSON Schema of the values. What is not in it is refused, so that a word that is spelled wrong is noticed. */
export function valuesSchema(): JsonObject {
  const root: SchemaNode = { type: "object", additionalProperties: false, required: [], properties: {} };
  for (const value of VALUES) declare(root, value.path.split("."), value);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Values of the sidecarset chart",
    ...(root as unknown as JsonObject),
    // What a chart above this one passes to all its charts.
    properties: { ...root.properties, global: { type: "object" } } as unknown as JsonObject,
  };
}

interface SchemaNode {
  readonly type: "object";
  readonly additionalProperties: false;
  readonly required: string[];
  readonly properties: Record<string, SchemaNode | JsonObject>;
}

function declare(node: SchemaNode, [key = "", ...rest]: readonly string[], value: Value): void {
  if (!node.required.includes(key)) node.required.push(key);
  if (rest.length === 0) {
    node.properties[key] = { ...value.schema, description: value.description, default: value.default };
    return;
  }
  node.properties[key] ??= { type: "object", additionalProperties: false, required: [], properties: {} };
  declare(node.properties[key] as SchemaNode, rest, value);
}

/** Every value in one table. */
function valuesTable(): string {
  const rows = VALUES.map(
    ({ path, schema, default: initial, description }) =>
      `| \`${path}\` | ${typeText(schema)} | \`${JSON.stringify(initial)}\` | ${description} |`,
  );
  return ["| value | type | default | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function typeText(schema: JsonObject): string {
  const { enum: words, type, minimum, maximum } = schema;
  if (Array.isArray(words)) return (words as readonly Json[]).map((word) => `\`${String(word)}\``).join(", ");
  if (type === "integer") return `${String(minimum)} … ${String(maximum)}`;
  return { string: "text", boolean: "`true`, `false`", object: "map", array: "list" }[String(type)] ?? String(type);
}

export function valuesReference(): string {
  return `# Values of the Helm chart

Generated from \`generate/install/values.ts\` by \`npm run generate\`. What is not in this table is refused by the chart's schema, with the place and what is
expected there; how to install is told in [install](install.md).

${valuesTable()}
`;
}

export function chartReadme(): string {
  return `# Helm chart of sidecarset

Generated from \`generate/install\` by \`npm run generate\`.

\`\`\`sh
helm install sidecarset deploy/chart -n kruise-system --create-namespace --set image.repository=REGISTRY/sidecarset
helm test sidecarset -n kruise-system
helm uninstall sidecarset -n kruise-system
\`\`\`

The namespace of the release is the manager's own: revisions, the Lease and the certificate are there. One cluster takes one release. What an
uninstall leaves, and how to remove that too, is told in \`docs/reference/install.md\` of the repository.

${valuesTable()}
`;
}
