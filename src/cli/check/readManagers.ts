import type { Cluster } from "../../cluster/cluster.ts";
import type { Lease } from "../../cluster/lease.ts";
import { LEASES, PODS } from "../../cluster/resource.ts";
import type { LeaseHolder, ManagerPod } from "../../core/installation/installation.ts";
import { effectiveTag } from "../../core/kube/imageReference.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { LEASE_NAME } from "../run/leader.ts";
import { found } from "./readable.ts";

const MANAGERS = "app.kubernetes.io/name=sidecarset,app.kubernetes.io/component=manager";

export interface Managers {
  readonly lease: LeaseHolder | null | undefined;
  readonly managers: readonly ManagerPod[] | undefined;
}

/** Who leads, and the pods of the managers: by their labels, and the leader by its name, which its identity begins with. */
export async function readManagers(cluster: Cluster, namespace: string): Promise<Managers> {
  const stored = await found(cluster.get<Lease>(LEASES, { namespace, name: LEASE_NAME }));
  const listed = await found(cluster.list<Pod>(PODS, { namespace, labelSelector: MANAGERS }));
  const holder = stored?.spec?.holderIdentity ?? "";
  const [leader = ""] = holder.split("_");
  const pods = [...(listed?.items ?? [])];
  if (leader !== "" && !pods.some(({ metadata }) => metadata.name === leader)) {
    const pod = await found(cluster.get<Pod>(PODS, { namespace, name: leader }));
    if (pod) pods.push(pod);
  }
  return {
    lease: stored && {
      holder,
      durationSeconds: stored.spec?.leaseDurationSeconds ?? 0,
      renewedAt: Date.parse(stored.spec?.renewTime ?? "") || 0,
    },
    managers: listed === undefined ? undefined : pods.map(managerPod),
  };
}

function managerPod({ metadata, spec, status }: Pod): ManagerPod {
  const container = spec.containers.find(({ name }) => name === "manager") ?? spec.containers[0];
  return {
    name: metadata.name ?? "",
    ready: status?.conditions?.find(({ type }) => type === "Ready")?.status === "True",
    version: effectiveTag(container?.image ?? "") ?? "",
  };
}
