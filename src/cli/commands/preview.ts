import { CommandError, EXIT } from "../exitCode.ts";
import type { ManifestSources } from "../manifestFiles.ts";
import { dnsLabel, preflight } from "../preflight.ts";
import { chosenSet, readWholeFiles } from "../simulation/chosenSet.ts";
import { type ClusterState, readClusterState, snapshotState } from "../simulation/clusterState.ts";
import type { PlanReport } from "../simulation/planReport.ts";
import { planText } from "../simulation/planText.ts";
import { rolloutPreview } from "../simulation/rolloutPreview.ts";
import { serverDryRun } from "../simulation/serverDryRun.ts";
import { styleFor, symbolsFor } from "../terminal/style.ts";
import { type ClusterOptions, withCluster } from "../withCluster.ts";

interface PreviewOptions extends ManifestSources, ClusterOptions {
  readonly snapshot?: readonly string[];
  readonly sidecarSet?: string;
  readonly systemNamespace: string;
  readonly restartSeconds: readonly [number, number];
  readonly dryRun: "server" | "none";
  readonly pods?: boolean;
  readonly output: "text" | "json";
}

/** What a SidecarSet would do to the pods of a cluster. Nothing is written. */
export async function preview(options: PreviewOptions): Promise<void> {
  const systemNamespace = dnsLabel("--system-namespace", options.systemNamespace);
  const stray = (["kubeconfig", "context"] as const).find((flag) => options[flag] !== undefined);
  if (stray && options.snapshot) throw new CommandError(`--${stray} and --snapshot exclude each other`, EXIT.usage);
  const objects = await readWholeFiles(options);
  const report = options.snapshot
    ? planOf(snapshotState(await readWholeFiles({ filename: options.snapshot })), options.snapshot.join(", "))
    : await withCluster(options, async (cluster) => {
        await preflight(cluster, systemNamespace);
        const state = await readClusterState(cluster, systemNamespace);
        const plan = planOf(state, "cluster");
        if (options.dryRun === "none") return plan;
        const { manifest } = chosen(state);
        const stored = state.sidecarSets.find(({ set }) => set.name === plan.sidecarSet);
        return withAnswer(plan, await serverDryRun(cluster, manifest.object, stored?.object));
      });
  process.stdout.write(
    options.output === "json"
      ? `${JSON.stringify(report, null, 2)}\n`
      : planText(report, { style: styleFor(process.stdout), symbols: symbolsFor({}) }, options.pods ?? false),
  );
  if (!report.clean) process.exitCode = EXIT.findings;

  function chosen(live: ClusterState) {
    return chosenSet(objects, options.sidecarSet, { flag: "-f", live });
  }

  function planOf(state: ClusterState, name: string): PlanReport {
    const now = Date.now();
    const { set, manifest } = chosen(state);
    const plan = rolloutPreview({ manifest, set, state, restartSeconds: options.restartSeconds, now });
    return {
      apiVersion: "cli.sidecarset/v1",
      kind: "Plan",
      generatedAt: new Date(now).toISOString(),
      clean: plan.findings.length === 0,
      state: name,
      ...plan,
    };
  }
}

function withAnswer(plan: PlanReport, answer: NonNullable<PlanReport["serverDryRun"]>): PlanReport {
  return { ...plan, serverDryRun: answer, clean: plan.clean && answer.result !== "refused" };
}
