import { REASON_CODES } from "../../core/rollout/verdict.ts";
import { widthOf } from "../terminal/lineWidth.ts";
import type { Style, Symbols } from "../terminal/style.ts";
import type { PlayReport, WaveReport } from "./playReport.ts";
import type { SetChange } from "./setChanges.ts";
import type { StrategyReport } from "./simulationReport.ts";

export interface Look {
  readonly style: Style;
  readonly symbols: Symbols;
}

/** `12,345`; the same in every locale. */
export function counted(count: number, thing?: string): string {
  const number = String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return thing === undefined ? number : `${number} ${thing}${count === 1 ? "" : "s"}`;
}

/** `1:05`, `2:03:09`. */
export function clockTime(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number) => String(part).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A label before each entry, further lines under the first. */
export function section(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, at) => `  ${(at === 0 ? label : "").padEnd(LABEL)}${line}`);
}

const LABEL = 13;

/** In columns, numbers to the right. */
export function table(rows: readonly (readonly string[])[], left: ReadonlySet<number>): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ""))));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const pad = " ".repeat(Math.max(0, widths[column]! - widthOf(cell)));
        return left.has(column) ? cell + pad : pad + cell;
      })
      .join("  ")
      .trimEnd(),
  );
}

export function changeLines(changes: readonly SetChange[], { style, symbols }: Look): readonly string[] {
  const effects = {
    inPlace: style.green("in place"),
    recreation: style.yellow(`needs recreation (${REASON_CODES.nonImageChange})`),
    strategy: style.dim("how the rollout goes"),
    selection: style.yellow("which pods it is about"),
    newPods: style.dim("new pods only"),
  };
  const rows = changes.map(({ field, from, to, effect }) => [
    field.replace(/^spec\./, ""),
    from === undefined && to === undefined ? "" : `${value(from)} ${symbols.arrow} ${value(to)}`,
    effects[effect],
  ]);
  return table(rows, new Set([0, 1, 2]));
}

function value(of: SetChange["from"]): string {
  if (of === undefined) return "none";
  const text = typeof of === "string" ? of : JSON.stringify(of);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

const LONGEST_VALUE = 60;

/** So many waves are shown one by one; where there are more, those in the middle are one line. */
const SHOWN_WAVES = 12;
const SHOWN_AT_THE_END = 2;

export function waveLines({ waves, reasons }: PlayReport, { symbols }: Look): readonly string[] {
  if (waves.length === 0) return [];
  const groups = [...new Set(waves.flatMap((wave) => Object.keys(wave.groups ?? {})))].toSorted();
  const shownGroups = groups.length <= MOST_GROUPS ? groups : [];
  const head = ["wave", "pods", ...shownGroups.map(withoutPrefixes), "start", "ready", "in flight", "first pods"];
  const rows = shortened(waves).map((wave) => [
    wave.first === 0 ? "free" : wave.first === wave.last ? String(wave.first) : `${wave.first}-${wave.last}`,
    counted(wave.pods),
    ...shownGroups.map((group) => counted(wave.groups?.[group] ?? 0)),
    clockTime(wave.startSeconds),
    wave.endSeconds === null ? "never" : clockTime(wave.endSeconds),
    counted(wave.inFlight),
    wave.examples.slice(0, SHOWN_EXAMPLES).join(", ") + (wave.pods > SHOWN_EXAMPLES ? `, ${symbols.ellipsis}` : ""),
  ]);
  const kept = reasons.filter(({ because }) => because === "partition");
  const held = kept.map(({ pods }) => [
    "hold",
    counted(pods),
    ...shownGroups.map(() => ""),
    "",
    "",
    "",
    "kept by partition",
  ]);
  return table([head, ...rows, ...held], new Set([0, head.length - 1])).map((line) => `  ${line}`);
}

/** `topology.kubernetes.io/zone=a` is `zone=a` where there is little room. */
function withoutPrefixes(group: string): string {
  return group.replaceAll(/[\w.-]+\/(?=[^=,]+=)/g, "");
}

const MOST_GROUPS = 6;
const SHOWN_EXAMPLES = 2;

function shortened(waves: readonly WaveReport[]): readonly WaveReport[] {
  if (waves.length <= SHOWN_WAVES) return waves;
  const atTheStart = SHOWN_WAVES - SHOWN_AT_THE_END - 1;
  const middle = waves.slice(atTheStart, -SHOWN_AT_THE_END);
  return [...waves.slice(0, atTheStart), joined(middle), ...waves.slice(-SHOWN_AT_THE_END)];
}

function joined(waves: readonly WaveReport[]): WaveReport {
  const groups: Record<string, number> = {};
  for (const wave of waves) {
    for (const [group, pods] of Object.entries(wave.groups ?? {})) groups[group] = (groups[group] ?? 0) + pods;
  }
  return {
    first: waves[0]!.first,
    last: waves.at(-1)!.last,
    pods: waves.reduce((sum, { pods }) => sum + pods, 0),
    startSeconds: waves[0]!.startSeconds,
    endSeconds: waves.some(({ endSeconds }) => endSeconds === null)
      ? null
      : Math.max(...waves.map(({ endSeconds }) => endSeconds ?? 0)),
    inFlight: Math.max(...waves.map(({ inFlight }) => inFlight)),
    groups,
    examples: waves[0]!.examples,
  };
}

export function unavailableLine({ unavailable, pods }: PlayReport): string {
  const { before, most, mostUpdated, limit } = unavailable;
  const start = before === 0 ? "" : `; ${counted(before)} at the start`;
  const worst = `at most ${counted(most)} of ${counted(pods.before.matched)} at once${start}`;
  return `${worst}; updated ones at most ${counted(mostUpdated)}, limit ${limit === null ? "unreadable" : counted(limit)}`;
}

export function evennessLine({ evenness }: PlayReport): string | undefined {
  if (!evenness) return undefined;
  const { mean, groups, furthestAhead } = evenness;
  return `${mean.toFixed(3)} over ${counted(groups, "group")} (1 is perfectly spread); furthest ahead: ${furthestAhead.group}, by ${furthestAhead.pods} pods`;
}

export function requestsLine({ requests }: PlayReport): string {
  const { upgrades, flips, marks, statuses, revisions, total } = requests;
  const parts = [
    counted(upgrades, "upgrade"),
    ...(flips > 0 ? [counted(flips, "flip")] : []),
    ...(marks > 0 ? [counted(marks, "mark")] : []),
    `${counted(statuses)} of the status`,
    `${counted(revisions)} of revisions`,
  ];
  return `${counted(total)} = ${parts.join(" + ")}`;
}

export function reasonLines({ reasons }: PlayReport): readonly string[] {
  const rows = reasons.map(({ code, because, pods, examples }) => [
    counted(pods),
    code,
    because,
    because === "upToDate" ? "" : examples.join(", "),
  ]);
  return table(rows, new Set([1, 2, 3]));
}

export function strategyLine({ strategy, unavailable }: PlayReport & { readonly strategy: StrategyReport }): string {
  const { maxUnavailable, partition, scatter } = strategy;
  const limit =
    typeof maxUnavailable === "string" && unavailable.limit !== null ? ` = ${counted(unavailable.limit)}` : "";
  return [
    `maxUnavailable ${maxUnavailable}${limit}`,
    ...(partition === 0 ? [] : [`partition ${partition}`]),
    ...(scatter.length > 0 ? [`scatter ${scatter.join(", ")}`] : []),
  ].join(", ");
}
