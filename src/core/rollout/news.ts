import type { SidecarSetStatus } from "../sidecarSet/sidecarSet.ts";
import type { Condition, WaitingPods } from "../sidecarSet/sidecarSetStatus.ts";
import { GAPS } from "./rolloutSummary.ts";
import type { RolloutStatus } from "./status.ts";

/** Something worth an Event on the SidecarSet. */
export interface News {
  readonly type: "Normal" | "Warning";
  readonly reason: NewsReason;
  readonly message: string;
}

export type NewsReason =
  | "WaveStarted"
  | "WaveDone"
  | "RolloutComplete"
  | "Blocked"
  | "Paused"
  | "Resumed"
  | "CoverageGap"
  | "SidecarDrift"
  | "NotUpgradablePods"
  | "SidecarsRemain";

type Status = SidecarSetStatus | RolloutStatus;

/** What a status tells that the one before did not. Told when it is written, so that another instance does not tell it again. */
export function newsBetween(before: Status, after: RolloutStatus): readonly News[] {
  return [
    ...waveNews(before, after),
    ...conditionNews(before, after),
    ...moreOf(before, after, ["U07"], (pods) =>
      normal("NotUpgradablePods", `cannot be updated in place: ${pods} (U07)`),
    ),
    ...moreOf(before, after, GAPS, (pods) => warning("CoverageGap", `selected, and without sidecars: ${pods}`)),
    ...driftNews(before, after),
  ];
}

function normal(reason: NewsReason, message: string): News {
  return { type: "Normal", reason, message };
}

function warning(reason: NewsReason, message: string): News {
  return { type: "Warning", reason, message };
}

function waveNews(before: Status, after: RolloutStatus): readonly News[] {
  const { rollout, history } = after;
  const same = before.rollout?.targetRevision === rollout.targetRevision ? before.rollout : undefined;
  const change = history[0]?.change ?? "";
  const wave = `wave ${rollout.wave} (${change})`;
  const counters = condition(after, "Ready")?.message ?? "";
  const started = rollout.wave > (same?.wave ?? 0) ? [normal("WaveStarted", `${wave} has started: ${counters}`)] : [];
  const isOver = rollout.wave > 0 && rollout.started === 0 && (started.length > 0 || (same?.started ?? 0) > 0);
  const promoted = history[0]?.result === "Promoted" && rollout.wave > 0;
  const wasPromoted =
    before.history?.[0]?.revision === history[0]?.revision && before.history?.[0]?.result === "Promoted";
  if (promoted && !wasPromoted) return [...started, normal("RolloutComplete", `${change}: ${counters}`)];
  return isOver ? [...started, normal("WaveDone", `${wave} is done: ${counters}`)] : started;
}

function conditionNews(before: Status, after: RolloutStatus): readonly News[] {
  const [stalled, wasStalled] = [condition(after, "Stalled"), condition(before, "Stalled")];
  const [paused, wasPaused] = [condition(after, "Paused"), condition(before, "Paused")];
  return [
    ...(stalled && stalled.reason !== wasStalled?.reason
      ? [warning("Blocked", `${stalled.reason}: ${stalled.message}`)]
      : []),
    ...(paused && !wasPaused ? [normal("Paused", paused.message)] : []),
    ...(wasPaused && !paused ? [normal("Resumed", `no longer: ${wasPaused.message}`)] : []),
  ];
}

function moreOf(
  before: Status,
  after: Status,
  codes: readonly string[],
  tell: (pods: string) => News,
): readonly News[] {
  const now = of(after, codes);
  const [count, countBefore] = [total(now), total(of(before, codes))];
  if (count <= countBefore) return [];
  const names = now.flatMap(({ code, examples }) => examples.map((pod) => `${pod} (${code})`)).slice(0, 3);
  return [tell(`${count} pods, ${names.join(", ")}${count > names.length ? ", …" : ""}`)];
}

function driftNews(before: Status, after: RolloutStatus): readonly News[] {
  if (after.driftedPods <= (before.driftedPods ?? 0)) return [];
  return [warning("SidecarDrift", `a sidecar's image was edited by hand: ${condition(after, "Ready")?.message ?? ""}`)];
}

function condition({ conditions }: Status, type: string): Condition | undefined {
  return conditions?.find((one) => one.type === type);
}

function of({ waiting }: Status, codes: readonly string[]): readonly WaitingPods[] {
  return (waiting ?? []).filter(({ code }) => codes.includes(code));
}

function total(waiting: readonly WaitingPods[]): number {
  return waiting.reduce((sum, { count }) => sum + count, 0);
}
