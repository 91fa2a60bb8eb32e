import { matchSidecarSets } from "../injection/matchSidecarSets.ts";
import type { Labels } from "../kube/labelSelector.ts";

import { parseInjectedList } from "../pod/bookkeeping.ts";
import { type PodRecord, podKey } from "../pod/podRecord.ts";
import { INJECTED_LIST_ANNOTATION } from "../sidecarSet/annotations.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";

/** Pods of one namespace that an installation of ours treats otherwise than OpenKruise. */
export interface PodsOfNamespace {
  readonly namespace: string;
  readonly pods: number;
  /** The first three, `namespace/name`. */
  readonly examples: readonly string[];
}

export function isInjectedPod({ annotations }: PodRecord): boolean {
  return parseInjectedList(annotations[INJECTED_LIST_ANNOTATION]).length > 0;
}

/** Pods with sidecars where we inject none: they keep them, and their successors get none. */
export function podsNoLongerInjected(
  pods: Iterable<PodRecord>,
  excludedNamespaces: readonly string[],
): readonly PodsOfNamespace[] {
  return byNamespace(pods, (pod) => excludedNamespaces.includes(pod.namespace) && isInjectedPod(pod));
}

export interface Exemption {
  readonly sidecarSets: readonly SidecarSet[];
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly excludedNamespaces: readonly string[];
}

/** OpenKruise asks for no pod of a namespace with this label, whatever its value. */
const EXEMPT_LABEL = "control-plane";

/** Pods without sidecars, because OpenKruise leaves their namespace alone, whose successors we would inject. */
export function podsNoLongerExempt(
  pods: Iterable<PodRecord>,
  { sidecarSets, namespaces, excludedNamespaces }: Exemption,
): readonly PodsOfNamespace[] {
  return byNamespace(pods, (pod) => {
    const namespaceLabels = namespaces.get(pod.namespace);
    if (namespaceLabels?.[EXEMPT_LABEL] === undefined || excludedNamespaces.includes(pod.namespace)) return false;
    if (isInjectedPod(pod)) return false;
    const { labels, annotations, namespace } = pod;
    return matchSidecarSets(sidecarSets, { labels, annotations, namespace, namespaceLabels }).selected.length > 0;
  });
}

function byNamespace(pods: Iterable<PodRecord>, isMeant: (pod: PodRecord) => boolean): readonly PodsOfNamespace[] {
  const found = new Map<string, { pods: number; examples: string[] }>();
  for (const pod of pods) {
    if (!isMeant(pod)) continue;
    const known = found.get(pod.namespace) ?? { pods: 0, examples: [] };
    known.pods += 1;
    if (known.examples.length < 3) known.examples.push(podKey(pod));
    found.set(pod.namespace, known);
  }
  return [...found]
    .map(([namespace, told]) => ({ namespace, ...told }))
    .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
}

/** A part of OpenKruise, other than SidecarSets, that pods, namespaces or sidecars make use of, and that ends with its manager. */
export interface StoppingFeature {
  readonly feature: string;
  readonly objects: number;
  readonly examples: readonly string[];
}

const LAUNCH_PRIORITY = "apps.kruise.io/container-launch-priority";
const DELETE_PROTECTION = "policy.kruise.io/delete-protection";
const TERMINATOR = "KRUISE_TERMINATE_SIDECAR_WHEN_JOB_EXIT";

export function stoppingFeatures(
  pods: Iterable<PodRecord>,
  namespaces: ReadonlyMap<string, Labels>,
  sidecarSets: readonly SidecarSet[],
): readonly StoppingFeature[] {
  const protectedNamespaces = [...namespaces].filter(([, labels]) => labels[DELETE_PROTECTION] !== undefined);
  return [
    feature(
      "container launch priority",
      [...pods].filter(({ annotations }) => annotations[LAUNCH_PRIORITY] !== undefined).map(podKey),
    ),
    feature(
      "deletion protection of namespaces",
      protectedNamespaces.map(([name]) => name),
    ),
    feature(
      "ending sidecars with their Job",
      sidecarSets.filter(({ spec }) => hasVariable(spec, TERMINATOR)).map(({ name }) => name),
    ),
  ].filter(({ objects }) => objects > 0);
}

function feature(name: string, objects: readonly string[]): StoppingFeature {
  return { feature: name, objects: objects.length, examples: objects.slice(0, 3) };
}

function hasVariable({ containers = [], initContainers = [] }: SidecarSet["spec"], variable: string): boolean {
  return [...containers, ...initContainers].some(({ env }) => env?.some(({ name }) => name === variable));
}
