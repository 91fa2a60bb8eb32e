import type { Addition } from "../../core/injection/addition.ts";
import { widthOf } from "../terminal/lineWidth.ts";
import type { Style, Symbols } from "../terminal/style.ts";
import type { InjectReport, ObjectReport, OutcomeReport } from "./injectReport.ts";

export interface Look {
  readonly style: Style;
  readonly symbols: Symbols;
}

/** What happened to each object, why, and with `explain` where each line is from. */
export function reportText(report: InjectReport, look: Look, explain: boolean): string {
  const { style } = look;
  const lines = [
    ...report.warnings.map((warning) => `${style.yellow("warning")}: ${warning}`),
    ...report.remarks.map((remark) => `note: ${remark}`),
    ...report.objects.flatMap((object, index) => [
      ...(explain && index > 0 ? [""] : []),
      ...objectLines(object, look, explain),
    ]),
    ...(explain ? passedLines(report) : []),
    ...report.missing.map(({ sidecarSet, object, code, message }) => {
      const why = code === "" ? message : `(${code}): ${message}`;
      return `${style.red(look.symbols.failed)} expected ${sidecarSet} in ${object}: not injected${code === "" ? ": " : " "}${why}`;
    }),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function passedLines({ passed }: InjectReport): readonly string[] {
  if (passed.length === 0) return [];
  return ["", `without pods, as they were: ${passed.map(({ kind, name }) => `${kind} ${name}`).join(", ")}`];
}

function objectLines(object: ObjectReport, { style, symbols }: Look, explain: boolean): readonly string[] {
  const { kind, namespace, name, podField, containers } = object;
  const title = `${kind} ${namespace}/${name || "?"}`;
  const template = podField === "" ? "" : `  (${podField})`;
  const count = `${containers.before} ${symbols.arrow} ${containers.after} containers`;
  const isGrown = containers.before !== containers.after;
  return [
    explain ? `${style.bold(title)}${style.dim(template)}${isGrown ? `  ${count}` : ""}` : title,
    ...object.outcomes.map((outcome) => `  ${outcomeLine(outcome, explain)}`),
    ...(explain ? additionLines(object, style) : []),
    ...object.warnings.map((warning) => `  ${style.yellow("warning")}: ${warning}`),
    ...(explain && object.result === "injected" ? [`  ${requestsLine(object.requests)}`] : []),
  ];
}

function outcomeLine(outcome: OutcomeReport, explain: boolean): string {
  const { sidecarSet, result, containers, code, message, field } = outcome;
  if (result === "skipped") return `${sidecarSet}: not injected (${code}): ${message}`;
  if (result === "refused") return `${sidecarSet}: refused (${code}): ${field}: ${message}`;
  const names = containers.join(", ") || "its pod metadata";
  const parts = [
    `injected ${names}${outcome.already ? " before" : ""}`,
    ...(explain && outcome.revision && code === undefined ? [revisionText(outcome.revision)] : []),
    ...(outcome.divided ? ["one of two revisions among which the pods are divided"] : []),
  ];
  return `${sidecarSet}: ${parts.join(", ")}${code === undefined ? "" : ` (${code}): ${message}`}`;
}

function revisionText({ name, hash, latest }: NonNullable<OutcomeReport["revision"]>): string {
  const known = name === "" && hash !== "" ? ` with hash ${hash.slice(0, SHORT_HASH)}` : ` ${name}`;
  return `${latest ? "latest " : ""}revision${known}`.trimEnd();
}

const SHORT_HASH = 10;

function requestsLine({ cpu = "+0", memory = "+0" }: ObjectReport["requests"]): string {
  return `requests ${cpu}/${memory} per pod`;
}

const SIGNS = { added: "+", replaced: "~", kept: "=" } as const;
/** The longest of our own records fits. */
const WIDEST = 52;

function additionLines({ added, podField }: ObjectReport, style: Style): readonly string[] {
  const colours = { added: style.green, replaced: style.yellow, kept: style.dim };
  const rows = added.map((addition) => ({ addition, left: left(addition, podField), right: right(addition) }));
  const width = Math.min(WIDEST, Math.max(0, ...rows.map((row) => widthOf(row.left))));
  return rows.map(({ addition, left, right }) => {
    const gap = " ".repeat(Math.max(0, width - widthOf(left)));
    return `${colours[addition.change](`${SIGNS[addition.change]} ${left}`)}${right === "" ? "" : `${gap}  ${right}`}`;
  });
}

/** What is there. */
function left({ kind, path, name, value }: Addition, podField: string): string {
  const held = value === "" ? name : `${name} ${value}`;
  switch (kind) {
    case "container":
    case "initContainer":
      return `${path.slice(podField === "" ? 0 : podField.length + 1).replace("spec.", "")} ${held}`;
    case "env":
      return `  env ${held}`;
    case "volumeMount":
      return `  volumeMounts ${name}`;
    case "volumeDevice":
      return `  volumeDevices ${name}`;
    case "resources":
      return `  resources ${held}`;
    case "volume":
      return `volumes ${name}`;
    case "imagePullSecret":
      return `imagePullSecrets ${name}`;
    case "annotation":
      return `annotations ${name}`;
    case "label":
      return `labels ${name}=${value}`;
    case "field":
      return name;
  }
}

/** Where it is from. */
function right({ kind, sidecarSet, field, because }: Addition): string {
  const ofSet = field.replace(/^spec\./, "");
  const isPart = PARTS.has(kind);
  const shown = isPart ? ofSet.replace(/^(initContainers|containers)\[\d+\]\.?/, "") : ofSet;
  const from = [sidecarSet, shown].filter((part) => part !== undefined && part !== "").join(" ");
  return [from, because].filter((part) => part !== "").join(isPart && shown !== "" ? " " : ", ");
}

const PARTS: ReadonlySet<Addition["kind"]> = new Set(["env", "volumeMount", "volumeDevice", "resources"]);
