import type { PlanReport } from "./planReport.ts";
import {
  changeLines,
  clockTime,
  counted,
  evennessLine,
  type Look,
  reasonLines,
  section,
  strategyLine,
  table,
  waveLines,
} from "./playText.ts";

/** @param pods whether every pod is listed */
export function planText(report: PlanReport, look: Look, pods: boolean): string {
  const evenness = evennessLine(report);
  const waves = waveLines(report, look);
  const lines = [
    titleLine(report, look),
    ...report.remarks.map((remark) => `note: ${remark}`),
    ...section("Change", changesOf(report, look)),
    ...section("Strategy", [strategyLine(report)]),
    ...section("Pods", [scopeLine(report)]),
    ...findingLines(report, look),
    ...(waves.length > 0 ? ["", ...waves, ""] : []),
    ...(waves.length > 0 ? section("Estimate", [estimateLine(report)]) : []),
    ...(evenness === undefined ? [] : section("Evenness", [evenness])),
    ...section("In the end", report.reasons.length > 0 ? reasonLines(report) : ["no pod is selected"]),
    ...(pods ? podLines(report) : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function titleLine({ sidecarSet, from, to, serverDryRun }: PlanReport, { style, symbols }: Look): string {
  const target = to.number === from?.number ? `stays at revision ${to.number}` : undefined;
  const again = to.isNew ? "" : `, as it was before: ${to.name}`;
  const start = from === null ? "new, " : `${from.number} ${symbols.arrow} `;
  const answer = serverDryRun ? `   server dry-run: ${serverDryRun.result}` : "";
  return `${style.bold(sidecarSet)}: ${target ?? `revision ${start}${to.number}${again}`}${answer}`;
}

function changesOf({ changes, from }: PlanReport, look: Look): readonly string[] {
  if (changes.length > 0) return changeLines(changes, look);
  return [
    from === null
      ? "the SidecarSet is new: running pods get it when they are recreated"
      : "none of containers or strategy",
  ];
}

function scopeLine({ scope, state }: PlanReport): string {
  const { pods, selected, carried } = scope;
  return `${counted(selected)} of ${counted(pods)} selected, ${counted(carried)} of them with the sidecars (${state})`;
}

function findingLines({ findings, serverDryRun }: PlanReport, { style }: Look): readonly string[] {
  const refusal = serverDryRun?.result === "refused" ? [`${style.red("refused")}: ${serverDryRun.message}`] : [];
  const notes = serverDryRun?.result === "notAsked" ? [`note: server dry-run: ${serverDryRun.message}`] : [];
  const lines = findings.map(({ code, name, field, message }) => {
    const place = field === "" ? "" : `${field}: `;
    return `${style.yellow("warning")}: ${code === "" ? name : code}: ${place}${message}`;
  });
  return [...refusal, ...notes, ...lines];
}

function estimateLine({ durationSeconds, assumptions, order }: PlanReport): string {
  const [shortest, longest] = assumptions.restartSeconds;
  const each = shortest === longest ? `${shortest} s` : `${shortest} to ${longest} s`;
  return `${counted(order.length, "pod")} in ${clockTime(durationSeconds)}, if a restart takes ${each}`;
}

function podLines({ order, left }: PlanReport): readonly string[] {
  const rows = [
    ["pod", "wave", "start", "ready", ""],
    ...order.map(({ pod, wave, group = "", startSeconds, readySeconds }) => [
      pod,
      wave === 0 ? "free" : String(wave),
      clockTime(startSeconds),
      readySeconds === null ? "never" : clockTime(readySeconds),
      group,
    ]),
    ...left.map(({ pod, code, because, fields = [] }) => [
      pod,
      "",
      "",
      "",
      [code, because, fields.join(", ")].join(" ").trim(),
    ]),
  ];
  return ["", ...table(rows, new Set([0, 4])).map((line) => `  ${line}`)];
}
