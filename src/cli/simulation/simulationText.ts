import type { PlayReport } from "./playReport.ts";
import {
  changeLines,
  clockTime,
  counted,
  evennessLine,
  type Look,
  reasonLines,
  requestsLine,
  section,
  strategyLine,
  unavailableLine,
  waveLines,
} from "./playText.ts";
import type { SimulationReport } from "./simulationReport.ts";

export function simulationText(report: SimulationReport, look: Look): string {
  const evenness = evennessLine(report);
  const waves = waveLines(report, look);
  const lines = [
    titleLine(report, look),
    ...section(
      "Change",
      report.changes.length > 0 ? changeLines(report.changes, look) : ["none: every pod is up to date"],
    ),
    ...section("Strategy", [strategyLine(report)]),
    ...section("Pods", populationLines(report)),
    ...(waves.length > 0 ? ["", ...waves, ""] : []),
    ...section("Unavailable", [unavailableLine(report)]),
    ...(evenness === undefined ? [] : section("Evenness", [evenness])),
    ...section("Requests", [requestsLine(report)]),
    ...section("In the end", reasonLines(report)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function titleLine({ sidecarSet, result, durationSeconds, pods }: SimulationReport, { style, symbols }: Look): string {
  const { updated, matched, ready } = pods.after;
  const symbol = {
    complete: style.green(symbols.done),
    held: symbols.dot,
    degraded: style.red(symbols.failed),
    blocked: style.red(symbols.failed),
  };
  const counts = `${counted(updated)} of ${counted(matched)} pods updated, ${counted(ready)} ready`;
  return `${symbol[result]} ${style.bold(sidecarSet)}: ${result} after ${clockTime(durationSeconds)}  ${counts}`;
}

function populationLines({ assumptions }: SimulationReport): readonly string[] {
  const { pods, owners, namespaces, notReady, failing, restartSeconds, seed, templates } = assumptions;
  const [shortest, longest] = restartSeconds;
  const percent = (share: number) => `${Math.round(share * 100_000) / 1000}%`;
  return [
    `${counted(pods)} of ${counted(owners, "owner")} in ${counted(namespaces, "namespace")}, made from ${templates.join(", ")}`,
    [
      shortest === longest ? `restarts take ${shortest} s` : `restarts take ${shortest} to ${longest} s`,
      ...(failing > 0 ? [`${percent(failing)} never come up`] : []),
      ...(notReady > 0 ? [`${percent(notReady)} are not ready by themselves`] : []),
      `seed ${seed}`,
    ].join(", "),
  ];
}

/** Whether the rollout ends as its owner would want it. */
export function isGood({ result }: PlayReport): boolean {
  return result === "complete" || result === "held";
}
