import { playForward } from "../../core/rollout/playForward.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import type { ManifestSources } from "../manifestFiles.ts";
import { asManifest, type LocatedObject } from "../manifests.ts";
import { podPath, podTemplateOf } from "../podTemplate.ts";
import { chosenSet, readWholeFiles } from "../simulation/chosenSet.ts";
import type { LabelSpread } from "../simulation/flags.ts";
import { groupNames } from "../simulation/groupName.ts";
import { modelledRestart } from "../simulation/kubeletModel.ts";
import { playReport } from "../simulation/playReport.ts";
import { counted } from "../simulation/playText.ts";
import { type PodTemplate, population, templatePod } from "../simulation/population.ts";
import { progressLine } from "../simulation/progressLine.ts";
import { storedChange } from "../simulation/setBefore.ts";
import { setChanges, writtenSpec } from "../simulation/setChanges.ts";
import { type SimulationReport, strategyOf } from "../simulation/simulationReport.ts";
import { isGood, simulationText } from "../simulation/simulationText.ts";
import { styleFor, symbolsFor } from "../terminal/style.ts";

interface SimulateOptions extends ManifestSources {
  readonly pods: number;
  readonly from?: string;
  readonly sidecarSet?: string;
  readonly owners: number;
  readonly namespaces: number;
  readonly label?: readonly LabelSpread[];
  readonly restartSeconds: readonly [number, number];
  readonly failing: number;
  readonly notReady: number;
  readonly seed: number;
  readonly output: "text" | "json";
}

/** Time of a simulation is its own: two runs print the same. */
const START = Date.UTC(2026, 0, 1);
const DAY_MS = 24 * 3_600_000;

/** A rollout on pods that do not exist, decided by the controller's own functions. */
export async function simulate(options: SimulateOptions): Promise<void> {
  const objects = await readWholeFiles(options);
  const { set, source, manifest } = chosenSet(objects, options.sidecarSet, { flag: "-f" });
  const from = options.from === undefined ? undefined : await setOf(options.from, set);
  const change = storedChange(set, from, START - 60 * DAY_MS);
  const templates = objects.flatMap(podTemplate);
  const owners = Math.min(options.owners, options.pods);
  const { pods, namespaces } = population(change, {
    ...options,
    owners,
    labels: options.label ?? [],
    templates,
    now: START,
  });
  const progress = progressLine(process.stderr, options.pods);
  const playback = playForward({
    set: change.after,
    pods,
    namespaces,
    revisions: [change.revision],
    start: START,
    restart: modelledRestart(options),
    onProgress: progress.show,
  });
  progress.clear();
  const report: SimulationReport = {
    apiVersion: "cli.sidecarset/v1",
    kind: "SimulationReport",
    generatedAt: new Date().toISOString(),
    sidecarSet: set.name,
    source,
    changes: setChanges(change.before, change.after, writtenSpec(manifest)),
    strategy: strategyOf(set),
    assumptions: {
      pods: options.pods,
      owners,
      namespaces: namespaces.size,
      labels: options.label ?? [],
      notReady: options.notReady,
      failing: options.failing,
      restartSeconds: options.restartSeconds,
      seed: options.seed,
      templates: templates.length > 0 ? templates.map(({ title }) => title) : ["a plain pod"],
    },
    ...playReport(playback, { start: START, groupName: groupNames(set) }),
  };
  process.stdout.write(
    options.output === "json"
      ? `${JSON.stringify(report, null, 2)}\n`
      : simulationText(report, { style: styleFor(process.stdout), symbols: symbolsFor({}) }),
  );
  if (!isGood(report)) throw new CommandError(whatIsWrong(report), EXIT.blocked);
}

/** The set that the pods carry: of the same name, or the only one of its file. */
async function setOf(file: string, { name }: SidecarSet): Promise<SidecarSet> {
  const objects = await readWholeFiles({ filename: [file] });
  const isThere = objects.some(({ object }) => (object.metadata as { readonly name?: unknown } | null)?.name === name);
  return chosenSet(objects, isThere ? name : undefined, { flag: "--from" }).set;
}

function podTemplate(located: LocatedObject): readonly PodTemplate[] {
  const path = podPath(located.object);
  if (path === undefined) return [];
  const { object, source } = asManifest(located);
  const template = podTemplateOf(object, path);
  const name = object.metadata.name ?? "pod";
  const title = `${object.kind} ${name}`;
  if (template === undefined) throw new CommandError(`${source}: ${title}: ${path.join(".")}: an object is expected`);
  return [{ title, name, pod: templatePod(template) }];
}

function whatIsWrong({ result, reasons, pods, unavailable }: SimulationReport): string {
  const waiting = reasons.filter(({ because }) => because !== "upToDate");
  const codes = waiting.map(
    ({ code, because, pods: count }) => `${counted(count)} ${because}${code === "" ? "" : ` (${code})`}`,
  );
  const down = pods.after.updated - pods.after.updatedReady;
  const held =
    down > 0 ? [`${counted(down)} updated pods are not ready, limit ${unavailable.limit ?? "unreadable"}`] : [];
  return `the rollout is ${result}: ${[...codes, ...held].join("; ")}`;
}
