import { injectedNames } from "../injection/buildSidecarSet.ts";
import type { InjectionRules } from "../injection/injection.ts";
import { injectPod } from "../injection/injectPod.ts";
import { matchSidecarSets } from "../injection/matchSidecarSets.ts";
import { applyJsonPatch } from "../kube/jsonPatch.ts";
import type { Labels } from "../kube/labelSelector.ts";
import type { ControllerRevision, Json } from "../kube/object.ts";
import type { CompilePattern } from "../kube/pattern.ts";
import type { Pod } from "../kube/pod.ts";
import { type Bookkeeping, readBookkeeping } from "../pod/bookkeeping.ts";
import { NAMESPACE_NAME_LABEL } from "../sidecarSet/annotations.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { carriedTemplate } from "./carriedTemplate.ts";
import { comparePods } from "./comparePods.ts";
import { podBefore } from "./podBefore.ts";
import { type ShadowDifference, shadowDifference } from "./shadowDifference.ts";

export interface ObservedInjection extends InjectionRules {
  readonly pod: Pod;
  /** Undefined: the namespace is not known (yet). */
  readonly namespaceLabels: Labels | undefined;
  /** All of the cluster. */
  readonly sidecarSets: readonly SidecarSet[];
  readonly revisions: readonly ControllerRevision[];
  readonly compilePattern: CompilePattern;
}

/** What became of a pod under OpenKruise, compared with what our injection would have made of it. */
export interface InjectionComparison {
  readonly differences: readonly ShadowDifference[];
  /** SidecarSets whose sidecars in this pod were compared. */
  readonly compared: readonly string[];
  /** Those of the pod that could not be: the revision that it records is gone. */
  readonly unknown: readonly string[];
}

/**
 * Each SidecarSet is taken as the pod records it, so an outdated pod is compared with what it was made from. Whether it would be
 * selected is asked of the present objects; a pod that is older than a set is none of its business.
 */
export function compareInjection(observed: ObservedInjection): InjectionComparison {
  const { pod, sidecarSets, revisions } = observed;
  const records = readBookkeeping(pod.metadata.annotations);
  const carrying = sidecarSets.filter(({ name }) => records.injectedList.includes(name));
  const known: SidecarSet[] = [];
  const unknown: string[] = [];
  for (const set of carrying) {
    const template = carriedTemplate(set, revisions, { pod, records });
    if (template) known.push(template);
    else if (injectedNames(set).length > 0) unknown.push(set.name);
  }
  return {
    differences: [...selection(observed, carrying), ...contents(observed, known, records)],
    compared: known.map(({ name }) => name),
    unknown,
  };
}

function selection(observed: ObservedInjection, carrying: readonly SidecarSet[]): readonly ShadowDifference[] {
  const { pod, sidecarSets, excludedNamespaces = [], namespaceLabels } = observed;
  const { labels = {}, annotations = {}, namespace = "default" } = pod.metadata;
  if (excludedNamespaces.includes(namespace)) {
    return carrying.map(({ name }) =>
      shadowDifference("selection", name, {
        pod,
        code: "I05",
        theirs: "injected",
        ours: `namespace ${namespace} is excluded`,
      }),
    );
  }
  const { selected, skipped } = matchSidecarSets(sidecarSets, { labels, annotations, namespace, namespaceLabels });
  const missing = selected.filter((set) => !carrying.includes(set) && isOlder(set, pod));
  const refused = carrying.flatMap(({ name }) =>
    skipped.flatMap((outcome) =>
      outcome.kind === "skipped" && outcome.sidecarSet === name && OUR_REASONS.has(outcome.reason.code)
        ? [outcome]
        : [],
    ),
  );
  return [
    ...missing.map(({ name }) =>
      shadowDifference("selection", name, { pod, theirs: "not injected", ours: "injected" }),
    ),
    ...refused.map(({ sidecarSet, reason: { code, message } }) =>
      shadowDifference("selection", sidecarSet, { pod, code, theirs: "injected", ours: message }),
    ),
  ];
}

/** Labels, pauses and canaries may have changed since the pod was created; these are reasons that OpenKruise does not have. */
const OUR_REASONS: ReadonlySet<string> = new Set(["I09", "I12"]);

function isOlder({ createdAt }: SidecarSet, { metadata }: Pod): boolean {
  const created = metadata.creationTimestamp ? Date.parse(metadata.creationTimestamp) : undefined;
  return createdAt !== undefined && created !== undefined && createdAt < created;
}

function contents(
  { pod, namespaceLabels = {}, compilePattern }: ObservedInjection,
  known: readonly SidecarSet[],
  records: Bookkeeping,
): readonly ShadowDifference[] {
  if (known.length === 0) return [];
  const before = podBefore(pod, known);
  const namespace = pod.metadata.namespace || "default";
  const injection = injectPod({
    pod: { ...before, metadata: { ...before.metadata, deletionTimestamp: null }, status: {} },
    requestNamespace: namespace,
    namespaceLabels: { ...namespaceLabels, [NAMESPACE_NAME_LABEL]: namespace },
    sidecarSets: known,
    revisions: [],
    now: 0,
    identity: pod.metadata.name ?? "",
    compilePattern,
  });
  if (!injection.ok) {
    const { sidecarSet, reason } = injection.error;
    return [
      shadowDifference("refused", sidecarSet, { pod, code: reason.code, theirs: "injected", ours: reason.message }),
    ];
  }
  const after = applyJsonPatch(before as unknown as Json, injection.value.patch);
  if (!after.ok) throw new Error(`the patch does not fit the pod it was made for: ${after.error}`);
  return comparePods({ theirs: pod, ours: after.value as unknown as Pod, before, sets: known, records });
}
