import type { Labels } from "../core/kube/labelSelector.ts";
import type { ControllerRevision, Namespace } from "../core/kube/object.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import { type BriefReader, readBriefly } from "./briefRead.ts";
import { ClusterError } from "./clusterError.ts";
import type { LocalCopy } from "./localCopy.ts";
import { NAMESPACES } from "./resource.ts";

/** The local copies that admission reads. */
export interface InjectionCopies {
  /** Undefined stands for an object that cannot be read; it injects nothing. */
  readonly sidecarSets: LocalCopy<SidecarSet | undefined>;
  readonly namespaces: LocalCopy<Namespace>;
  /** Those of the system namespace. */
  readonly revisions: LocalCopy<ControllerRevision>;
}

/** All that injecting one pod depends on besides the pod. */
export interface GatheredInjection {
  readonly sidecarSets: readonly SidecarSet[];
  readonly revisions: readonly ControllerRevision[];
  /** Undefined: there is no such namespace. */
  readonly namespaceLabels: Labels | undefined;
}

/**
 * Reads from the copies. The network is asked only for a namespace the copy does not know, and only when a SidecarSet looks at
 * namespaces. Rejects with a ClusterError when the answer cannot be known: taking that for "no match" would start pods without
 * their sidecars.
 */
export async function gatherInjection(
  copies: InjectionCopies,
  namespace: string,
  reader: BriefReader,
): Promise<GatheredInjection> {
  const sidecarSets = knownSidecarSets(copies);
  const known = copies.namespaces.get({ name: namespace });
  const matters = sidecarSets.some(({ spec }) => spec.namespaceSelector !== undefined);
  const found = known ?? (matters ? await readBriefly<Namespace>(NAMESPACES, { name: namespace }, reader) : undefined);
  return {
    sidecarSets,
    revisions: sidecarSets.some(isPinned) ? [...copies.revisions.values()] : [],
    namespaceLabels: found && (found.metadata.labels ?? {}),
  };
}

/** Rejecting here keeps a manager that has just started from admitting what it does not know. */
export function knownSidecarSets(copies: InjectionCopies): readonly SidecarSet[] {
  if (haveSynced(copies)) return [...copies.sidecarSets.values()].filter((set) => set !== undefined);
  throw new ClusterError("unavailable", "the SidecarSets have not been read yet; try again in a moment");
}

export function haveSynced({ sidecarSets, namespaces, revisions }: InjectionCopies): boolean {
  return sidecarSets.hasSynced() && namespaces.hasSynced() && revisions.hasSynced();
}

function isPinned({ spec }: SidecarSet): boolean {
  return spec.injectionStrategy.revision !== undefined;
}
