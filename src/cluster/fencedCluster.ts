import type { Cluster } from "./cluster.ts";
import { ClusterError } from "./clusterError.ts";

export interface Fence {
  /** The same cluster; a write that may not begin any more rejects with a ClusterError of the kind `notLeading`. */
  readonly cluster: Cluster;
  /** Settles when no write is under way. */
  idle(): Promise<void>;
}

/** @param mayWrite asked at the beginning of every write; reading is always free */
export function fencedCluster(cluster: Cluster, mayWrite: () => boolean): Fence {
  const underWay = new Set<Promise<unknown>>();
  async function guarded<T>(write: () => Promise<T>): Promise<T> {
    if (!mayWrite()) throw new ClusterError("notLeading", "this process leads no more; the write has not begun");
    const writing = write();
    underWay.add(writing);
    try {
      return await writing;
    } finally {
      underWay.delete(writing);
    }
  }
  return {
    cluster: {
      ...cluster,
      create: (...write) => guarded(() => cluster.create(...write)),
      update: (...write) => guarded(() => cluster.update(...write)),
      patch: (...write) => guarded(() => cluster.patch(...write)),
      delete: (...write) => guarded(() => cluster.delete(...write)),
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}
