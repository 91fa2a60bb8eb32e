/** Pods by the hash that they record for one SidecarSet: how many carry which revision. */
export type PodsByHash = ReadonlyMap<string, number>;

/** What is known of the pods that exist, those included that were decided on just now and have not shown up yet. */
export interface CarriedRevisions {
  /** Among the pods of one controller, known by its uid. */
  ofOwner(owner: string, sidecarSet: string): PodsByHash;
  ofAll(sidecarSet: string): PodsByHash;
}

/** What one new pod adds to them. */
export interface CarriedRevision {
  /** Uid of the pod's controller. */
  readonly owner: string;
  readonly sidecarSet: string;
  readonly hash: string;
}
