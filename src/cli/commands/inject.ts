import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { stringify } from "yaml";
import type { InjectionOutcome } from "../../core/injection/injection.ts";
import { injectPod } from "../../core/injection/injectPod.ts";
import { parsePod } from "../../core/injection/parsePod.ts";
import { applyJsonPatch } from "../../core/kube/jsonPatch.ts";
import type { Json, JsonObject, KubeObject } from "../../core/kube/object.ts";
import { NAMESPACE_NAME_LABEL } from "../../core/sidecarSet/annotations.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { compileGoPattern } from "../../webhook/goPattern.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { asManifest, type Manifest, placed, readObjects } from "../manifests.ts";
import { podPath, podTemplateOf, withPodTemplate } from "../podTemplate.ts";
import { listed, readSidecarSets } from "../readSidecarSets.ts";

interface InjectOptions {
  readonly filename: readonly string[];
  readonly namespace: string;
  readonly output: "yaml" | "json" | "diff";
}

/** The webhook's own decision on files: pods and workloads come out as they would in the cluster; why goes to standard error. */
export async function inject(options: InjectOptions): Promise<void> {
  const { objects, problems } = await readObjects(options);
  const problem = problems.find(({ severity }) => severity === "error");
  if (problem) throw new CommandError(`${placed(problem)}: ${problem.message}`);
  const manifests = objects.map(asManifest);
  const sets = readSidecarSets(manifests.filter(({ object }) => object.kind === "SidecarSet"));
  const pods = manifests.filter(({ object }) => podPath(object) !== undefined);
  if (sets.length === 0) throw missing("SidecarSet", manifests);
  if (pods.length === 0) throw missing("pod or workload", manifests);

  const namespaces = new Map(
    manifests
      .filter(({ object }) => object.kind === "Namespace")
      .map(({ object }) => [object.metadata.name ?? "", object.metadata.labels ?? {}]),
  );
  const results = pods.map((manifest) => {
    const namespace = manifest.object.metadata.namespace ?? options.namespace;
    const labels = { ...namespaces.get(namespace), [NAMESPACE_NAME_LABEL]: namespace };
    const after = injected(manifest, sets, namespace, labels);
    return { before: manifest.object, after };
  });
  process.stdout.write(format(results, options.output));
}

function missing(what: string, manifests: readonly Manifest[]): CommandError {
  const kinds = [...new Set(manifests.map(({ object }) => object.kind))];
  const found = kinds.length === 0 ? "they are empty" : `found: ${kinds.join(", ")}`;
  return new CommandError(`no ${what} among the files (${found}); add one with -f`, EXIT.usage);
}

function injected(
  { object, source }: Manifest,
  sidecarSets: readonly SidecarSet[],
  namespace: string,
  labels: Record<string, string>,
): KubeObject {
  const title = `${object.kind} ${namespace}/${object.metadata.name ?? object.metadata.generateName ?? "?"}`;
  const template = podTemplateOf(object, podPath(object)!);
  if (template === undefined)
    throw new CommandError(`${source}: ${title} is invalid:\n  ${podPath(object)!.join(".")}: an object is expected`);
  const pod = parsePod(template);
  if (!pod.ok) throw new CommandError(`${source}: ${title} is invalid:\n${listed(pod.error)}`);
  const injection = injectPod({
    pod: pod.value,
    requestNamespace: namespace,
    namespaceLabels: labels,
    sidecarSets,
    revisions: [],
    now: Date.now(),
    identity: object.metadata.name ?? "",
    compilePattern: compileGoPattern,
  });
  if (!injection.ok) {
    const { sidecarSet, reason, field } = injection.error;
    throw new CommandError(
      `${title} would be refused: SidecarSet ${sidecarSet} cannot be injected (${reason.code}): ${field}: ${reason.message}`,
      EXIT.findings,
    );
  }
  process.stderr.write(`${title}\n`);
  for (const outcome of injection.value.outcomes) process.stderr.write(`  ${told(outcome)}\n`);
  for (const warning of injection.value.warnings) process.stderr.write(`  warning: ${warning}\n`);
  const patched = applyJsonPatch(template as unknown as Json, injection.value.patch);
  if (!patched.ok) throw new Error(`the patch does not fit the pod it was made for: ${patched.error}`);
  return withPodTemplate(object, podPath(object)!, patched.value as JsonObject);
}

function told(outcome: InjectionOutcome): string {
  if (outcome.kind === "skipped")
    return `${outcome.sidecarSet}: not injected (${outcome.reason.code}): ${outcome.reason.message}`;
  const revision = outcome.otherRevision ? ` (${outcome.otherRevision.code}): ${outcome.otherRevision.message}` : "";
  return `${outcome.sidecarSet}: injected ${outcome.containers.join(", ") || "its pod metadata"}${revision}`;
}

function format(
  results: readonly { before: KubeObject; after: KubeObject }[],
  output: InjectOptions["output"],
): string {
  if (output === "diff") return results.map(difference).join("");
  const objects = results.map(({ after }) => after);
  if (output === "yaml") return objects.map((object) => stringify(object, YAML_STYLE)).join("---\n");
  const [only] = objects;
  const document = objects.length === 1 ? only : { apiVersion: "v1", kind: "List", items: objects };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** As kubectl prints it: strings are never folded. */
const YAML_STYLE = { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false } as const;

function difference({ before, after }: { before: KubeObject; after: KubeObject }): string {
  const name = `${before.kind}/${before.metadata.name ?? before.metadata.generateName ?? ""}`;
  const [from, to] = [stringify(before, YAML_STYLE), stringify(after, YAML_STYLE)];
  if (from === to) return "";
  return createTwoFilesPatch(name, name, from, to, "before", "injected", {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
}
