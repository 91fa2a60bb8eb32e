import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import type { Lease } from "../../cluster/lease.ts";
import { LEASES } from "../../cluster/resource.ts";
import type { World } from "../../core/explanation/explainPod.ts";
import { compileGoPattern } from "../../webhook/goPattern.ts";
import { LEASE_NAME } from "../run/leader.ts";
import { type ClusterState, readClusterState } from "../simulation/clusterState.ts";

export interface Installation {
  readonly systemNamespace: string;
  /** Those that are never injected. */
  readonly excludedNamespaces: readonly string[];
}

/** What decides, as it was read. */
export interface ReadWorld extends World {
  readonly state: ClusterState;
  /** What could not be read, for people. */
  readonly remarks: readonly string[];
}

/** Everything that decides about pods. Only reads; rejects with a ClusterError. */
export async function readWorld(cluster: Cluster, installation: Installation, now: number): Promise<ReadWorld> {
  const { systemNamespace } = installation;
  const [state, leader] = await Promise.all([
    readClusterState(cluster, systemNamespace),
    readLeader(cluster, systemNamespace, now),
  ]);
  return {
    ...installation,
    ...state,
    state,
    sidecarSets: state.sidecarSets.map(({ set }) => set),
    leader,
    compilePattern: compileGoPattern,
    now,
  };
}

/** @returns undefined where there is no Lease (one manager alone needs none), or we may not read it */
async function readLeader(cluster: Cluster, namespace: string, now: number): Promise<World["leader"]> {
  try {
    const { spec } = await cluster.get<Lease>(LEASES, { namespace, name: LEASE_NAME });
    const age = now - Date.parse(spec?.renewTime ?? "");
    const isHeld = age <= (spec?.leaseDurationSeconds ?? 0) * 1000 * GRACE;
    return {
      holder: isHeld ? (spec?.holderIdentity ?? "") : "",
      renewedSecondsAgo: Number.isNaN(age) ? 0 : Math.max(0, Math.round(age / 1000)),
    };
  } catch (error) {
    if (isClusterError(error, "notFound", "forbidden")) return undefined;
    throw error;
  }
}

/** Clocks differ: who has not renewed for twice the duration is gone. */
const GRACE = 2;
