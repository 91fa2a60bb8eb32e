import { table } from "../simulation/playText.ts";
import type { HistoryReport, PastRolloutReport } from "./historyReport.ts";

/** In columns; wide ones name the revision and the cause. */
export function historyLines(report: HistoryReport, wide: boolean): readonly string[] {
  const now = Date.parse(report.generatedAt);
  const head = ["REV", "AGE", "BY", "PODS", "RESULT", "TOOK", "CHANGE", ...(wide ? ["NAME", "CAUSE"] : [])];
  const rows = report.rollouts.map((rollout) => [
    rollout.revision === null ? NONE : String(rollout.revision),
    since(rollout.startedAt, now),
    rollout.by ?? NONE,
    rollout.pods === null ? NONE : `${rollout.pods}/${report.pods}`,
    rollout.result ?? NONE,
    took(rollout),
    rollout.change ?? NONE,
    ...(wide ? [rollout.name, rollout.cause ?? NONE] : []),
  ]);
  return table([head, ...rows], new Set(head.keys()));
}

const NONE = "-";

function since(time: string | undefined, now: number): string {
  return time === undefined ? NONE : duration(now - Date.parse(time));
}

function took({ startedAt, finishedAt }: PastRolloutReport): string {
  if (startedAt === undefined || finishedAt === undefined) return NONE;
  return duration(Date.parse(finishedAt) - Date.parse(startedAt));
}

/** `41d`, `5h`, `12m`, `9s`: the largest unit that is not 0. */
function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? ["s", 1];
  return `${Math.floor(seconds / size)}${unit}`;
}

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
] as const;
