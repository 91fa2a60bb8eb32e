import type { Cluster } from "./cluster.ts";

/** What a part of the leader works with, for as long as this process leads. */
export interface Leading {
  /** Aborts when this process leads no more: everything of the part stops at once. It may be started again later, with another signal. */
  readonly signal: AbortSignal;
  /** The cluster for the part's writes: it refuses them from the moment on that the signal aborts. */
  readonly cluster: Cluster;
}

/** Something that one process at a time does for the whole cluster. */
export interface LeaderPart {
  /** As it stands in logs and in `/readyz?verbose`. */
  readonly name: string;
  /** Begins the work and settles when it has begun; rejecting means that it cannot begin yet. */
  readonly start: (leading: Leading) => Promise<void>;
}
