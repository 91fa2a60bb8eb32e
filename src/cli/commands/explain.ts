import { stringify } from "yaml";
import { type OpenedSet, openSet, type World } from "../../core/explanation/explainPod.ts";
import { injectionRules } from "../../core/injection/injectionRules.ts";
import type { KubeApi } from "../../kubeapi/connect.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { refusalsOf } from "../explain/askedAgain.ts";
import { type ReadWorld, readWorld } from "../explain/clusterWorld.ts";
import { explainedPods } from "../explain/explainedPods.ts";
import { type ExplanationReport, explanationReport } from "../explain/explanationReport.ts";
import { explanationText } from "../explain/explanationText.ts";
import { plannedPods } from "../explain/plannedPods.ts";
import { targetOf } from "../explain/workloadKinds.ts";
import { surroundingsOf } from "../injection/injectionSurroundings.ts";
import { asManifest, type LocatedObject } from "../manifests.ts";
import { dnsLabel, excludedNamespaces, preflight } from "../preflight.ts";
import { readWholeFiles } from "../simulation/chosenSet.ts";
import { styleFor, symbolsFor } from "../terminal/style.ts";
import { isSidecarSet } from "../validationReport.ts";
import { type ClusterOptions, withCluster } from "../withCluster.ts";

interface ExplainOptions extends ClusterOptions {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly filename?: readonly string[];
  readonly recursive?: boolean;
  readonly sidecarSet?: readonly string[];
  readonly systemNamespace: string;
  readonly excludedNamespaces: string;
  readonly ascii?: boolean;
  readonly output: "text" | "json" | "yaml" | "name";
}

/** Why pods have the sidecars they have. Only reads. */
export async function explain(target: string | undefined, options: ExplainOptions): Promise<void> {
  const wanted = [target, options.selector, options.filename].filter((each) => each !== undefined);
  if (wanted.length !== 1) {
    throw new CommandError("say which pods: KIND/NAME, -l SELECTOR or -f FILE, one of them", EXIT.usage);
  }
  const named = target === undefined ? undefined : targetOf(target);
  const files = options.filename && (await readWholeFiles({ ...options, filename: options.filename }));
  const installation = {
    systemNamespace: dnsLabel("--system-namespace", options.systemNamespace),
    excludedNamespaces: excludedNamespaces(options.excludedNamespaces),
  };
  const { excludedNamespaces: excluded } = injectionRules(installation);
  const report = await withCluster(options, async (cluster) => {
    await preflight(cluster, installation.systemNamespace);
    const world = await readWorld(cluster, { ...installation, excludedNamespaces: excluded }, Date.now());
    const asked = askedSets(options, world.sidecarSets);
    if (files) return explainFiles(files, options.namespace ?? cluster.namespace, world, asked);
    const pods = await explainedPods(
      cluster,
      named
        ? { by: "name", target: named, namespace: options.namespace ?? cluster.namespace }
        : { by: "labels", selector: options.selector!, namespace: namespaceOf(options, cluster) },
    );
    const opened = openedSets(world, asked);
    const refusals = await refusalsOf(cluster, opened, pods);
    return explanationReport(pods, { ...world, refusals }, { opened, isNamed: asked !== undefined });
  });
  process.stdout.write(printed(report, options));
  if (!report.clean) process.exitCode = EXIT.findings;
}

function namespaceOf({ namespace, allNamespaces }: ExplainOptions, cluster: KubeApi): string | undefined {
  return allNamespaces ? undefined : (namespace ?? cluster.namespace);
}

function openedSets(world: World, asked: readonly string[] | undefined): readonly OpenedSet[] {
  return world.sidecarSets.filter(({ name }) => asked?.includes(name) ?? true).map((set) => openSet(set, world));
}

function askedSets({ sidecarSet }: ExplainOptions, known: ReadWorld["sidecarSets"]): readonly string[] | undefined {
  const missing = sidecarSet?.find((name) => !known.some((set) => set.name === name));
  if (missing === undefined) return sidecarSet;
  const names = known.map(({ name }) => name).join(", ") || "none";
  throw new CommandError(`there is no SidecarSet "${missing}"; there are: ${names}`);
}

/** The pods of files, among SidecarSets and namespaces of the cluster and of the files, which win. */
function explainFiles(
  files: readonly LocatedObject[],
  namespace: string,
  world: ReadWorld,
  asked: readonly string[] | undefined,
): ExplanationReport {
  const pods = plannedPods(files, namespace);
  if (pods.length === 0) throw new CommandError("no pod or workload among the files", EXIT.usage);
  const podNamespaces = [...new Set(pods.map(({ object }) => object.metadata.namespace ?? namespace))];
  const surroundings = surroundingsOf({
    sidecarSets: files.filter(isSidecarSet).map(asManifest),
    namespaces: files.filter(({ object }) => object.kind === "Namespace").map(asManifest),
    podNamespaces,
    live: world.state,
  });
  const planned = {
    ...world,
    sidecarSets: surroundings.sidecarSets.map(({ set }) => set),
    namespaces: new Map([
      ...world.namespaces,
      ...podNamespaces.map((name) => [name, surroundings.labelsOf(name)] as const),
    ]),
    remarks: surroundings.remarks,
  };
  return explanationReport(pods, planned, { opened: openedSets(planned, asked), isNamed: asked !== undefined });
}

function printed(report: ExplanationReport, { output, ascii }: ExplainOptions): string {
  switch (output) {
    case "json":
      return `${JSON.stringify(report, null, 2)}\n`;
    case "yaml":
      return stringify(report, { lineWidth: 0, aliasDuplicateObjects: false });
    case "name":
      return report.pods.map(({ pod }) => `${pod}\n`).join("");
    case "text":
      return explanationText(report, {
        style: styleFor(process.stdout),
        symbols: symbolsFor({ ascii: ascii ?? false }),
        columns: process.stdout.columns || 100,
      });
  }
}
