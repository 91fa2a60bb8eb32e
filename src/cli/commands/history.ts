import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { PODS } from "../../cluster/resource.ts";
import type { ControllerRevision } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { type PodRecord, podRecord } from "../../core/pod/podRecord.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { revisionNamed, revisionsOf } from "../change/ownRevisions.ts";
import { printData } from "../change/printObject.ts";
import { storedSet } from "../change/storedSet.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { historyReport } from "../history/historyReport.ts";
import { historyLines } from "../history/historyText.ts";
import { revisionDiff } from "../history/revisionDiff.ts";
import { dnsLabel } from "../preflight.ts";
import { changeLines } from "../simulation/playText.ts";
import { styleFor, symbolsFor } from "../terminal/style.ts";
import { type ClusterOptions, withCluster } from "../withCluster.ts";

interface HistoryOptions extends ClusterOptions {
  readonly diff?: string;
  readonly systemNamespace: string;
  readonly output: "text" | "wide" | "json" | "yaml";
}

/** The rollouts of a SidecarSet: when, by whom, what, how it ended; or the difference of two revisions. */
export async function history(name: string, options: HistoryOptions): Promise<void> {
  const namespace = dnsLabel("--system-namespace", options.systemNamespace);
  await withCluster(options, async (cluster) => {
    const { set } = await storedSet(cluster, name);
    if (options.diff !== undefined) {
      await printDiff(set, await revisionsOf(cluster, set, namespace), options.diff, options);
      return;
    }
    const [revisions, pods] = await Promise.all([
      readable(revisionsOf(cluster, set, namespace), `ControllerRevisions in namespace ${namespace}`),
      readable(podsOf(cluster), "pods"),
    ]);
    const report = historyReport({ set, revisions, pods, now: Date.now() });
    if (options.output === "json" || options.output === "yaml") await printData(options.output, report);
    else printLines(historyLines(report, options.output === "wide"));
  });
}

async function printDiff(
  set: SidecarSet,
  revisions: readonly ControllerRevision[],
  wanted: string,
  { output }: HistoryOptions,
): Promise<void> {
  const diff = revisionDiff(set, twoRevisions(set, revisions, wanted), Date.now());
  if (output === "json" || output === "yaml") {
    await printData(output, diff);
    return;
  }
  const look = { style: styleFor(process.stdout), symbols: symbolsFor({}) };
  const { from, to } = diff;
  const lines = changeLines(diff.changes, look).map((line) => `  ${line}`);
  printLines([
    `revision ${from.revision} (${from.name}) ${look.symbols.arrow} ${to.revision} (${to.name})`,
    ...(lines.length === 0 ? ["  no difference"] : lines),
  ]);
}

/** `6..8`, or `6` for the way from there to the newest. */
function twoRevisions(
  { name }: SidecarSet,
  revisions: readonly ControllerRevision[],
  wanted: string,
): readonly [ControllerRevision, ControllerRevision] {
  const newest = revisions.at(-1);
  if (!newest) throw new CommandError(`there is no revision of SidecarSet "${name}"; is --system-namespace right?`);
  const [from = "", to, ...more] = wanted.split("..");
  if (from === "" || to === "" || more.length > 0) {
    throw new CommandError(`--diff "${wanted}": two revisions are expected, for instance 6..8`, EXIT.usage);
  }
  return [revisionNamed("--diff", from, revisions), to === undefined ? newest : revisionNamed("--diff", to, revisions)];
}

async function podsOf(cluster: Pick<Cluster, "list">): Promise<readonly PodRecord[]> {
  const { items } = await cluster.list<Pod>(PODS, { sparse: true });
  return items.map(podRecord);
}

/** Application teams may not read everything: what they may not is left out, and told. */
async function readable<T>(reading: Promise<readonly T[]>, what: string): Promise<readonly T[]> {
  try {
    return await reading;
  } catch (error) {
    if (!isClusterError(error, "forbidden")) throw error;
    process.stderr.write(`warning: you may not list ${what}: the history is told without them\n`);
    return [];
  }
}

function printLines(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
}
