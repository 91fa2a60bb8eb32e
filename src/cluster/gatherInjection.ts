import type { Labels } from "../core/kube/labelSelector.ts";
import { type ControllerRevision, isJsonObject, type JsonObject, type Namespace } from "../core/kube/object.ts";
import { NAMESPACE_NAME_LABEL, SIDECAR_SET_NAME_LABEL } from "../core/sidecarSet/annotations.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import type { Stop } from "../core/sidecarSet/stopSwitches.ts";
import { ClusterError } from "./clusterError.ts";
import { groupsOf, selectionIndexOf } from "./copyIndex.ts";
import type { LocalCopy } from "./localCopy.ts";
import type { ReadNamespace } from "./namespaceReads.ts";
import { andThen, type Soon } from "./soon.ts";
import { type SwitchCopy, switchesIn } from "./switchCopy.ts";

/** The local copies that admission reads. */
export interface InjectionCopies {
  /** Undefined stands for an object that cannot be read; it injects nothing. */
  readonly sidecarSets: LocalCopy<SidecarSet | undefined>;
  readonly namespaces: LocalCopy<Namespace>;
  /** Those of the system namespace. */
  readonly revisions: LocalCopy<ControllerRevision>;
  /** Absent: nothing can be stopped. */
  readonly switches?: SwitchCopy;
}

/** All that injecting one pod depends on besides the pod. */
export interface GatheredInjection {
  /** All that select the pod, and perhaps some that do not. */
  readonly sidecarSets: readonly SidecarSet[];
  /** Of the sets that pin one. */
  readonly revisions: readonly ControllerRevision[];
  /** Undefined: there is no such namespace. */
  readonly namespaceLabels: Labels | undefined;
  /** Undefined: it is not. */
  readonly injectionStopped?: Stop | undefined;
}

/** What SidecarSets look at first. Nobody has checked the object yet. */
interface PodRequest {
  readonly namespace: string;
  readonly object: JsonObject | undefined;
}

/**
 * At once unless the network has to be asked. Fails with a ClusterError when the answer cannot be known: taking that for "no match" would
 * start pods without their sidecars.
 */
export type GatherInjection = (request: PodRequest) => Soon<GatheredInjection>;

/**
 * Gathers from the copies, for as long as they live. The network is asked only for a namespace the copy does not know, and only when a
 * SidecarSet that can select the pod looks at namespaces.
 */
export function injectionGatherer(copies: InjectionCopies, readNamespace: ReadNamespace): GatherInjection {
  const index = selectionIndexOf(copies.sidecarSets);
  const revisionsOf = groupsOf(copies.revisions, ({ metadata }) => metadata.labels?.[SIDECAR_SET_NAME_LABEL]);
  return ({ namespace, object }) => {
    requireSynced(copies);
    const known = copies.namespaces.get({ name: namespace });
    const nameLabel = known?.metadata.labels?.[NAMESPACE_NAME_LABEL] ?? namespace;
    const sidecarSets = index.candidates(labelsOf(object), nameLabel);
    const found = known ?? (sidecarSets.some(looksAtNamespaces) ? readNamespace(namespace) : undefined);
    return andThen(found, (lives) => ({
      sidecarSets,
      revisions: sidecarSets.filter(isPinned).flatMap(({ name }) => [...revisionsOf(name)]),
      namespaceLabels: lives && (lives.metadata.labels ?? {}),
      injectionStopped: switchesIn(copies.switches).injection,
    }));
  };
}

/** Rejecting here keeps a manager that has just started from admitting what it does not know. */
export function knownSidecarSets(copies: InjectionCopies): readonly SidecarSet[] {
  requireSynced(copies);
  return [...copies.sidecarSets.values()].filter((set) => set !== undefined);
}

function requireSynced(copies: InjectionCopies): void {
  if (haveSynced(copies)) return;
  throw new ClusterError("unavailable", "the SidecarSets have not been read yet; try again in a moment");
}

export function haveSynced({ sidecarSets, namespaces, revisions, switches }: InjectionCopies): boolean {
  return sidecarSets.hasSynced() && namespaces.hasSynced() && revisions.hasSynced() && (switches?.hasSynced() ?? true);
}

function labelsOf(object: JsonObject | undefined): unknown {
  return isJsonObject(object?.metadata) ? object.metadata.labels : undefined;
}

function looksAtNamespaces({ spec }: SidecarSet): boolean {
  return spec.namespaceSelector !== undefined;
}

function isPinned({ spec }: SidecarSet): boolean {
  return spec.injectionStrategy.revision !== undefined;
}
