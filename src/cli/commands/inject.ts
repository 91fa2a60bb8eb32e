import { injectionRules } from "../../core/injection/injectionRules.ts";
import type { FailurePolicy } from "../../core/sidecarSet/sidecarSet.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { surroundingsOf } from "../injection/injectionSurroundings.ts";
import { type InjectedManifest, injectManifest, type PodManifest } from "../injection/injectManifest.ts";
import { type InjectReport, injectReport } from "../injection/injectReport.ts";
import { type LiveCluster, readLiveCluster } from "../injection/liveCluster.ts";
import { type ObjectFormat, type PrintedObject, printedObjects } from "../injection/printedObjects.ts";
import { reportText } from "../injection/reportText.ts";
import type { ManifestSources } from "../manifestFiles.ts";
import { asManifest, type LocatedObject, placed, readObjects } from "../manifests.ts";
import { podPath } from "../podTemplate.ts";
import { dnsLabel, excludedNamespaces, preflight } from "../preflight.ts";
import { styleFor, symbolsFor } from "../terminal/style.ts";
import { unknownFieldRemarks } from "../unknownFields.ts";
import { isSidecarSet } from "../validationReport.ts";
import { withCluster } from "../withCluster.ts";

interface InjectOptions extends ManifestSources {
  readonly namespace: string;
  readonly output?: ObjectFormat;
  readonly explain?: boolean;
  readonly expect?: readonly string[];
  readonly fromCluster?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly systemNamespace: string;
  readonly excludedNamespaces: string;
  readonly defaultFailurePolicy: FailurePolicy;
}

/**
 * The webhook's own decision on files. Objects go to standard output as they would be in the cluster, and only if all is well; what
 * happened to them goes to standard error, unless the explanation is all that is asked for.
 */
export async function inject(options: InjectOptions): Promise<void> {
  const rules = rulesOf(options);
  const files = await readFiles(options);
  const podNamespaces = [...new Set(files.pods.map(({ namespace }) => namespace))];
  const live = options.fromCluster ? await liveCluster(options, podNamespaces) : undefined;
  const surroundings = surroundingsOf({ ...files, podNamespaces, live });
  if (surroundings.sidecarSets.length === 0 && !live) throw nothingToDo("SidecarSet", files.objects);
  const now = Date.now();
  const injected = files.pods.map((pod) => injectManifest(pod, surroundings, { now, rules }));
  const report = injectReport(injected, {
    generatedAt: new Date(now).toISOString(),
    sidecarSets: surroundings.sidecarSets,
    passed: files.objects.filter((object) => !isSidecarSet(object) && podPath(object.object) === undefined),
    expected: options.expect ?? [],
    warnings: files.warnings,
    remarks: [...files.remarks, ...surroundings.remarks],
  });
  print(report, printedOf(files.objects, injected), options);
  if (!report.clean) throw new CommandError(whatIsWrong(report), EXIT.findings);
}

function rulesOf(options: InjectOptions) {
  const stray = (["kubeconfig", "context"] as const).find((flag) => options[flag] !== undefined);
  if (stray && !options.fromCluster) throw new CommandError(`--${stray} needs --from-cluster`, EXIT.usage);
  return injectionRules({
    systemNamespace: dnsLabel("--system-namespace", options.systemNamespace),
    excludedNamespaces: excludedNamespaces(options.excludedNamespaces),
    defaultFailurePolicy: options.defaultFailurePolicy,
  });
}

async function readFiles(options: InjectOptions) {
  const { objects, problems } = await readObjects(options);
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    throw new CommandError(errors.map((problem) => `${placed(problem)}: ${problem.message}`).join("\n"));
  }
  const pods = objects.flatMap((located) => podManifest(located, options.namespace));
  if (pods.length === 0 && objects.every(isSidecarSet)) throw nothingToDo("pod or workload", objects);
  return {
    objects,
    pods,
    sidecarSets: objects.filter(isSidecarSet).map(asManifest),
    namespaces: objects.filter(isNamespace).map(asManifest),
    warnings: [
      ...problems.map((problem) => `${placed(problem)}: ${problem.message}`),
      ...objects.filter(isSidecarSet).flatMap(unknownFieldRemarks),
    ],
    remarks: pods.length === 0 ? ["no pod or workload among the files: all objects stay as they are"] : [],
  };
}

function podManifest(located: LocatedObject, namespace: string): readonly PodManifest[] {
  const path = podPath(located.object);
  if (path === undefined) return [];
  const manifest = asManifest(located);
  return [{ ...manifest, podPath: path, namespace: manifest.object.metadata.namespace || namespace }];
}

function isNamespace({ object }: LocatedObject): boolean {
  return object.kind === "Namespace" && object.apiVersion === "v1";
}

function nothingToDo(what: string, objects: readonly LocatedObject[]): CommandError {
  const kinds = [...new Set(objects.map(({ object }) => object.kind))];
  const found = kinds.length === 0 ? "they are empty" : `found: ${kinds.join(", ")}`;
  const other = what === "SidecarSet" ? ", or read those of the cluster with --from-cluster" : "";
  return new CommandError(`no ${what} among the files (${found}); add one with -f${other}`, EXIT.usage);
}

async function liveCluster(options: InjectOptions, namespaces: readonly string[]): Promise<LiveCluster> {
  const { systemNamespace } = options;
  return withCluster(options, async (cluster) => {
    await preflight(cluster, systemNamespace);
    return readLiveCluster(cluster, { systemNamespace, namespaces });
  });
}

/** All that came in but the SidecarSets, so that the output can be applied. */
function printedOf(objects: readonly LocatedObject[], injected: readonly InjectedManifest[]): PrintedObject[] {
  const results = new Map<unknown, InjectedManifest>(injected.map((each) => [each.manifest.object, each]));
  return objects
    .filter((located) => !isSidecarSet(located))
    .map((located) => {
      const before = located.object as unknown as PrintedObject["before"];
      return { before, after: results.get(located.object)?.object ?? before, written: located.written };
    });
}

function print(report: InjectReport, objects: readonly PrintedObject[], options: InjectOptions): void {
  const { explain = false, output } = options;
  if (explain && output === "json") {
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const isAllThatIsAsked = explain && output === undefined;
  const stream = isAllThatIsAsked ? process.stdout : process.stderr;
  stream.write(reportText(report, { style: styleFor(stream), symbols: symbolsFor({}) }, explain));
  if (report.clean && !isAllThatIsAsked) process.stdout.write(printedObjects(objects, output ?? "yaml"));
}

function whatIsWrong({ objects, missing }: InjectReport): string {
  const refused = objects.filter(({ result }) => result === "refused");
  const absent = [...new Set(missing.map(({ sidecarSet }) => sidecarSet))];
  return [
    ...refused.map(({ kind, namespace, name, outcomes }) => {
      const [{ sidecarSet, code, field, message } = { sidecarSet: "" }] = outcomes;
      const why = `SidecarSet ${sidecarSet} cannot be injected (${code}): ${field}: ${message}`;
      return `${kind} ${namespace}/${name} would be refused: ${why}`;
    }),
    ...(missing.length > 0 ? [`--expect: not injected everywhere: ${absent.join(", ")}`] : []),
  ].join("\n");
}
