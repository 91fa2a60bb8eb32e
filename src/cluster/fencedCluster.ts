import type { Cluster, WriteLimit } from "./cluster.ts";
import { ClusterError } from "./clusterError.ts";

export interface Fence {
  /** The same cluster; a write that may not begin any more rejects with a ClusterError of the kind `notLeading`. */
  readonly cluster: Cluster;
  /** Settles when no write is under way. @returns whether each of them has come to its own end, uncut */
  idle(): Promise<boolean>;
  /** Gives up the writes that are under way: they reject as `notLeading`, and whether they have been carried out is not known. */
  cut(): void;
}

export interface FenceRules {
  /** Asked at the beginning of every write; reading is always free. */
  readonly mayWrite: () => boolean;
  /** For how long a write that begins now may be worked on by the API server, in milliseconds; absent: as long as it likes. */
  readonly timeoutMs?: () => number;
}

export function fencedCluster(cluster: Cluster, { mayWrite, timeoutMs }: FenceRules): Fence {
  const underWay = new Map<Promise<unknown>, AbortController>();
  let isCut = false;
  async function guarded<T>(write: (limit: WriteLimit) => Promise<T>): Promise<T> {
    if (!mayWrite()) throw new ClusterError("notLeading", "this process leads no more; the write has not begun");
    const abort = new AbortController();
    const { signal } = abort;
    const writing = write({ signal, ...(timeoutMs && { timeoutMs: timeoutMs() }) });
    underWay.set(writing, abort);
    try {
      return await writing;
    } catch (error) {
      if (!signal.aborted) throw error;
      const message = "this process leads no more; whether the write has been carried out is not known";
      throw new ClusterError("notLeading", message, { cause: error });
    } finally {
      underWay.delete(writing);
    }
  }
  return {
    cluster: {
      ...cluster,
      create: (type, object, options) => guarded((limit) => cluster.create(type, object, { ...options, ...limit })),
      update: (type, object, options) => guarded((limit) => cluster.update(type, object, { ...options, ...limit })),
      patch: (type, name, patch, options) =>
        guarded((limit) => cluster.patch(type, name, patch, { ...options, ...limit })),
      delete: (type, name, options) => guarded((limit) => cluster.delete(type, name, { ...options, ...limit })),
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay.keys());
      return !isCut;
    },
    cut() {
      isCut ||= underWay.size > 0;
      for (const abort of underWay.values()) abort.abort();
    },
  };
}
