import type { SidecarSetStatus } from "../sidecarSet/sidecarSet.ts";
import type { Condition } from "../sidecarSet/sidecarSetStatus.ts";
import { countOf, examplesOf, GAPS, podsText, type RolloutSummary, shortened } from "./rolloutSummary.ts";
import type { RolloutStatus } from "./status.ts";

/** Something worth an Event on the SidecarSet. */
export interface News {
  readonly type: "Normal" | "Warning";
  readonly reason: NewsReason;
  readonly message: string;
}

export const NEWS_REASONS = [
  "WaveStarted",
  "WaveDone",
  "RolloutComplete",
  "Blocked",
  "Paused",
  "Resumed",
  "CoverageGap",
  "SidecarDrift",
  "NotUpgradablePods",
  "SidecarsRemain",
] as const;
type NewsReason = (typeof NEWS_REASONS)[number];

type Status = SidecarSetStatus | RolloutStatus;

/** What a status tells that the one before did not. Told when it is written, so that another instance does not tell it again. */
export function newsBetween(before: Status, after: RolloutStatus, pods: RolloutSummary): readonly News[] {
  return [
    ...waveNews(before, after),
    ...conditionNews(before, after),
    ...moreOf(before, pods, ["U07"], (names) => normal("NotUpgradablePods", `cannot be updated in place: ${names}`)),
    ...moreOf(before, pods, GAPS, (names) => warning("CoverageGap", `selected, and without sidecars: ${names}`)),
    ...driftNews(before, pods),
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
  pods: RolloutSummary,
  codes: readonly string[],
  tell: (names: string) => News,
): readonly News[] {
  const count = countOf(pods, codes);
  if (count <= countOf({ waiting: before.waiting ?? [] }, codes)) return [];
  return [tell(`${podsText(count)}, ${shortened({ count, examples: examplesOf(pods, codes) })}`)];
}

function driftNews(before: Status, { drifted }: RolloutSummary): readonly News[] {
  if (drifted.count <= (before.driftedPods ?? 0)) return [];
  const names = shortened(drifted);
  return [warning("SidecarDrift", `a sidecar's image was edited by hand: ${podsText(drifted.count)}, ${names}`)];
}

function condition({ conditions }: Status, type: string): Condition | undefined {
  return conditions?.find((one) => one.type === type);
}
