import type { Requirement } from "../kube/labelSelector.ts";
import type { Json, JsonObject } from "../kube/object.ts";
import type { Pod } from "../kube/pod.ts";
import { DEFAULT_SYSTEM_NAMESPACE } from "../sidecarSet/annotations.ts";

/** A pod of the cluster, and the workload that makes its kind. */
export interface ExplainedPod {
  /** As the API has it. */
  readonly object: Pod;
  /** The topmost controller; absent: nobody makes the pod anew. */
  readonly workload?: Workload | undefined;
  /** It does not exist: a file describes it. */
  readonly planned?: true;
}

export interface Workload {
  /** `Deployment` */
  readonly kind: string;
  readonly name: string;
}

/** Commands that mend, as people type them: one line for a shell, parts joined by `&&`. */

export function sequence(...commands: readonly string[]): string {
  return commands.join(" && ");
}

/** Its controller makes another one; a pod that nobody owns is made anew from itself. */
export function recreate({ object: { metadata } }: ExplainedPod): string {
  const pod = `pod ${metadata.name} -n ${metadata.namespace ?? "default"}`;
  const isOwned = metadata.ownerReferences?.some(({ controller }) => controller) ?? false;
  return isOwned ? `kubectl delete ${pod}` : `kubectl get ${pod} -o json | kubectl replace --force -f -`;
}

export function patchSidecarSet(name: string, spec: JsonObject): string {
  return `kubectl patch sidecarset ${name} --type=merge -p ${quoted({ spec })}`;
}

/** Until the API server sends the set's pods to the webhook again. */
export function untilRegistered(name: string): string {
  return `kubectl wait --for=condition=Registered sidecarset/${name} --timeout=30s`;
}

/** To the template before; the pods follow in the same order and budget. */
export function undo(name: string, systemNamespace: string): string {
  const where = systemNamespace === DEFAULT_SYSTEM_NAMESPACE ? "" : ` --system-namespace ${systemNamespace}`;
  return `sidecarset undo ${name}${where} --yes`;
}

export function resume(name: string, what: "update" | "injection"): string {
  return `sidecarset resume ${name}${what === "injection" ? " --injection" : ""} --yes`;
}

export function setSwitch(namespace: string, name: string, data: Readonly<Record<string, string>>): string {
  return `kubectl patch configmap ${name} -n ${namespace} --type=merge -p ${quoted({ data })}`;
}

/** What a label or an annotation is to be; null: gone. */
export type Marks = Readonly<Record<string, string | null>>;

/** On the pod itself, which the change does not restart. */
export function markPod({ object: { metadata } }: ExplainedPod, kind: "label" | "annotate", marks: Marks): string {
  return `kubectl ${kind} pod ${metadata.name} -n ${metadata.namespace ?? "default"} --overwrite ${markTexts(marks)}`;
}

export function labelNamespace(namespace: string, marks: Marks): string {
  return `kubectl label namespace ${namespace} --overwrite ${markTexts(marks)}`;
}

/** Workloads that bring their pods to a changed template by themselves. */
const ROLLING: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "DaemonSet"]);

/**
 * For a pod that is made anew with other marks: by its workload's template, or by itself.
 * @returns undefined where the workload does not replace its pods (a Job)
 */
export function recreateMarked(pod: ExplainedPod, field: "labels" | "annotations", marks: Marks): string | undefined {
  const { object, workload } = pod;
  const kind = field === "labels" ? "label" : "annotate";
  if (workload === undefined) return sequence(markPod(pod, kind, marks), recreate(pod));
  if (!ROLLING.has(workload.kind)) return undefined;
  const { namespace = "default" } = object.metadata;
  const patch = quoted({ spec: { template: { metadata: { [field]: marks } } } });
  return `kubectl patch ${workload.kind.toLowerCase()} ${workload.name} -n ${namespace} --type=merge -p ${patch}`;
}

/** What labels have to become to meet the requirements; undefined: only a comparison of numbers could tell. */
export function marksToMeet(requirements: readonly Requirement[]): Marks | undefined {
  const marks: Record<string, string | null> = {};
  for (const { key, operator, values } of requirements) {
    if (operator === "GreaterThan" || operator === "LessThan") return undefined;
    if (operator === "In") marks[key] = values[0]!;
    else marks[key] = operator === "Exists" ? "true" : null;
  }
  return marks;
}

function markTexts(marks: Marks): string {
  return Object.entries(marks)
    .map(([key, value]) => (value === null ? `${key}-` : `${key}=${shellWord(value)}`))
    .join(" ");
}

function shellWord(text: string): string {
  return /^[\w./:@%+,-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function quoted(value: Json): string {
  return `'${JSON.stringify(value).replaceAll("'", String.raw`'\''`)}'`;
}
