import type { ShadowDifference, ShadowKind } from "../../core/migration/shadowDifference.ts";
import { counted, section, table } from "../simulation/playText.ts";
import type { Shadow } from "./shadow.ts";

/** What `run --observe` prints at its end; docs/reference/migration.md describes it. */
export interface ShadowReport {
  readonly apiVersion: "cli.sidecarset/v1";
  readonly kind: "ShadowReport";
  readonly generatedAt: string;
  readonly observedSeconds: number;
  readonly sidecarSets: number;
  readonly pods: { readonly all: number; readonly compared: number; readonly revisionGone: number };
  /** By OpenKruise, while we looked. */
  readonly upgrades: number;
  readonly differences: {
    /** Now, and since the beginning. */
    readonly byKind: readonly { readonly kind: ShadowKind; readonly now: number; readonly seen: number }[];
    readonly examples: readonly ShadowDifference[];
  };
}

const MOST_OF_A_KIND = 3;

export function shadowReport(
  shadow: Shadow,
  { startedAt, now }: { readonly startedAt: number; readonly now: number },
): ShadowReport {
  const { sidecarSets, pods, compared, unknown } = shadow.counts;
  const all = [...shadow.differences.all()];
  const ofKind = (kind: ShadowKind) => all.filter((difference) => difference.kind === kind);
  const kinds = [...shadow.differences.seen.keys()].toSorted();
  return {
    apiVersion: "cli.sidecarset/v1",
    kind: "ShadowReport",
    generatedAt: new Date(now).toISOString(),
    observedSeconds: Math.round((now - startedAt) / 1000),
    sidecarSets,
    pods: { all: pods, compared, revisionGone: unknown },
    upgrades: shadow.upgrades,
    differences: {
      byKind: kinds.map((kind) => ({ kind, now: ofKind(kind).length, seen: shadow.differences.seen.get(kind) ?? 0 })),
      examples: kinds.flatMap((kind) => ofKind(kind).slice(0, MOST_OF_A_KIND)),
    },
  };
}

export function shadowText(report: ShadowReport): string {
  const { observedSeconds, sidecarSets, pods, upgrades, differences } = report;
  const rows = differences.byKind.map(({ kind, now, seen }) => [kind, String(now), String(seen)]);
  const lines = [
    ...section("Observed", [
      `${counted(sidecarSets, "SidecarSet")} and ${counted(pods.all, "pod")} for ${observedSeconds} s; nothing was written`,
    ]),
    ...section("Compared", [
      `${counted(pods.compared, "pod")} with sidecars, ${counted(upgrades, "upgrade")} by OpenKruise`,
      ...(pods.revisionGone > 0
        ? [`${counted(pods.revisionGone, "pod")} carry a revision that is not stored any more`]
        : []),
    ]),
    ...section("Differences", rows.length === 0 ? ["none"] : table([["kind", "now", "seen"], ...rows], new Set([0]))),
    ...section("For example", differences.examples.map(exampleLine)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function exampleLine({ kind, sidecarSet, pod, about, code, theirs, ours }: ShadowDifference): string {
  const where = [sidecarSet, pod, about, code].filter((part) => part !== "").join(" ");
  return `${kind} ${where}: OpenKruise ${theirs}, we ${ours}`;
}
