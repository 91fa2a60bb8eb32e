import type { Cluster, ObjectName } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { type Environment, sleep } from "../../cluster/environment.ts";
import { claimability, type Lease, type ObservedLease, observed } from "../../cluster/lease.ts";
import { LEASES } from "../../cluster/resource.ts";

/** Kubernetes' components renew every 2 s. */
const LOOK_MS = 1_000;

export interface LeaseLook {
  readonly cluster: Cluster;
  readonly clock: Environment["clock"];
  readonly lease: ObjectName;
  readonly signal?: AbortSignal;
}

/**
 * Who holds a lease and is alive: the record changes under our eyes. One that stays as it is for its own duration was left behind; the
 * times in it are never compared with a clock of ours. Takes a second or two, and up to the duration of a lease that was left behind.
 * @returns undefined: nobody. Rejects with a ClusterError when the lease may not be read.
 */
export async function livingHolder({ cluster, clock, lease, signal }: LeaseLook): Promise<string | undefined> {
  let seen: ObservedLease | undefined;
  for (;;) {
    const now = performance.now();
    const next = observed(seen, await found(cluster, lease), now);
    const claim = claimability(next, "", now);
    if (claim.kind !== "held" || signal?.aborted) return undefined;
    if (seen !== undefined && next.sinceMs !== seen.sinceMs) return claim.by;
    seen = next;
    await sleep(clock, LOOK_MS, signal);
  }
}

async function found(cluster: Cluster, name: ObjectName): Promise<Lease | undefined> {
  try {
    return await cluster.get<Lease>(LEASES, name);
  } catch (error) {
    if (isClusterError(error, "notFound")) return undefined;
    throw error;
  }
}
