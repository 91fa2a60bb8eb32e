import type { Answer, Check, UpdateAnswer } from "../../core/explanation/explanation.ts";
import { isNotSelected } from "../../core/explanation/reasonNames.ts";
import { age, type Look } from "../terminal/text.ts";
import type { ExplanationReport, PodExplanation } from "./explanationReport.ts";

/** How it is drawn, and how many columns there are for lists. */
export interface TextLook extends Look {
  readonly columns: number;
}

type Told = PodExplanation["sidecarSets"][number];

/** One pod in full; of several the groups, and the first pod of each that has a finding. */
export function explanationText(report: ExplanationReport, look: TextLook): string {
  const [only, ...others] = report.pods;
  const lines = [
    ...report.remarks.map((remark) => `note: ${remark}`),
    ...(only && others.length === 0 ? podLines(only, report, look) : groupLines(report, look)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function groupLines(report: ExplanationReport, look: TextLook): readonly string[] {
  const { style, symbols } = look;
  if (report.pods.length === 0) return ["no pod is meant"];
  const shown = report.groups.filter(({ injection, finding }) => finding || !isNotSelected(injection));
  const rows = shown.map(({ sidecarSet, injection, update, because, finding, pods, examples }) => {
    const mark = finding ? style.red(symbols.failed) : style.green(symbols.done);
    const code = [injection, update].filter((each) => each !== "").join(" ");
    return `${mark} ${sidecarSet}: ${pods} of ${report.pods.length} pods  ${code}  ${because}  ${style.dim(examples.join(", "))}`;
  });
  const findings = report.groups.filter(({ finding }) => finding);
  const first = findings.map(({ examples }) => report.pods.find(({ pod }) => pod === examples[0])!);
  return [...rows, ...[...new Set(first)].flatMap((pod) => ["", ...podLines(pod, report, look)])];
}

function podLines(pod: PodExplanation, report: ExplanationReport, look: TextLook): readonly string[] {
  const { style } = look;
  const owner = pod.workload === undefined ? "" : `  (${pod.workload})`;
  const created =
    pod.createdAt === undefined
      ? ""
      : `  created ${age(Date.parse(report.generatedAt) - Date.parse(pod.createdAt))} ago`;
  const told = pod.sidecarSets.filter(({ injection, finding }) => finding || !isNotSelected(injection.code));
  const others = pod.sidecarSets.length - told.length;
  const selectNot = others === 1 ? "1 other SidecarSet does" : `${others} other SidecarSets do`;
  return [
    `${style.bold(pod.pod)}${owner}${style.dim(created)}`,
    ...told.flatMap((set) => setLines(set, look)),
    ...(pod.sidecarSets.length === 0 ? ["there is no SidecarSet"] : []),
    ...(others > 0 ? [style.dim(`${selectNot} not select it`)] : []),
  ];
}

function setLines(set: Told, look: TextLook): readonly string[] {
  const { injection, update } = set;
  const answer = update ?? injection;
  // That a pod has an older revision on purpose says why it is not up to date, and its update says how far it is.
  const also = update && injection.code !== "" ? answerLines(injection, look, true) : [];
  return [
    titleLine(set, look),
    ...also,
    ...answerLines(answer, look, update === undefined),
    ...(update ? updateLines(update, look) : []),
    ...docsLine(set, look),
  ];
}

function titleLine({ sidecarSet, injection, update, finding }: Told, { style, symbols }: Look): string {
  const code = [injection.code, update?.code ?? ""].filter((each) => each !== "").join(" ");
  const mark = finding ? style.red(symbols.failed) : style.green(symbols.done);
  const title = `${mark} ${style.bold(sidecarSet)}  ${headline(injection, update)}`;
  return code === "" ? title : `${title}  ${style.bold(code)} ${update?.because ?? injection.because}`;
}

function headline(injection: Answer, update: UpdateAnswer | undefined): string {
  if (!update) {
    if (injection.code === "") return injection.message;
    return injection.finding || isNotSelected(injection.code) ? "NOT INJECTED" : "not injected, on purpose";
  }
  const { carried, target } = update.revision;
  if (!update.finding || carried === target) return update.message;
  const on = carried === "" ? "on a revision that is not stored any more" : `on revision ${carried}`;
  return `NOT UPDATED  ${on}, target ${target || "not recorded yet"}`;
}

/** Checks that passed are worth a line each only where a pod was passed over, which is about what they looked at. */
function answerLines(
  { chain, advice }: Answer,
  { style, symbols, columns }: TextLook,
  each: boolean,
): readonly string[] {
  const passed = chain.filter(({ ok }) => ok);
  const failed = chain.filter(({ ok }) => !ok);
  if (failed.length === 0) return [];
  const width = Math.max(...(each ? chain : failed).map(({ check }) => check.length));
  const line = (mark: string, { check, observed, expected }: Check) =>
    `  ${mark} ${check.padEnd(width)}  ${observed}${observed === expected ? "" : style.dim(`  (expected: ${expected})`)}`;
  return [
    ...(each
      ? passed.map((check) => line(style.green(symbols.done), check))
      : passed.length > 0
        ? wrapped(
            passed.map(({ check }) => check),
            columns,
          ).map((names, at) => `  ${at === 0 ? style.green(symbols.done) : " "} ${names.join(` ${symbols.dot} `)}`)
        : []),
    ...failed.map((check) => line(style.red(symbols.failed), check)),
    ...(advice === undefined ? [] : [`  Next    ${advice}`]),
    ...failed.flatMap(({ fix }) => (fix === undefined ? [] : [`  Fix     ${style.cyan(fix)}`])),
  ];
}

function updateLines({ budget, queue }: UpdateAnswer, { style }: Look): readonly string[] {
  const shown = (budget?.holders ?? []).slice(0, MOST_HOLDERS);
  const rest = (budget?.holders.length ?? 0) - shown.length;
  return [
    ...(budget ? [`  Budget  ${budget.used} of ${budget.limit} used${shown.length > 0 ? ", held by" : ""}`] : []),
    ...shown.map(({ pod, state, stuck, forSeconds }) => {
      const since = forSeconds === undefined ? "" : ` for ${age(forSeconds * 1000)}`;
      return `          ${pod}  ${state}${since}${stuck ? style.red("  stuck") : ""}`;
    }),
    ...(rest > 0 ? [`          and ${rest} more`] : []),
    ...(queue ? [`  Order   place ${queue.place}; ${queue.order.join(", ")}`] : []),
  ];
}

const MOST_HOLDERS = 5;

function docsLine({ docs, finding }: Told, { style }: Look): readonly string[] {
  return finding && docs.length > 0 ? [style.dim(`  Docs    ${docs.join(", ")}`)] : [];
}

/** As many words a line as fit behind the mark. */
function wrapped(words: readonly string[], columns: number): readonly (readonly string[])[] {
  const lines: string[][] = [[]];
  let room = columns - 4;
  for (const word of words) {
    if (word.length > room && lines.at(-1)!.length > 0) {
      lines.push([]);
      room = columns - 4;
    }
    lines.at(-1)!.push(word);
    room -= word.length + 3;
  }
  return lines;
}
