import type { Cluster } from "../cluster/cluster.ts";
import { isClusterError } from "../cluster/clusterError.ts";
import { NODES } from "../cluster/resource.ts";
import type { KubeObject } from "../core/kube/object.ts";
import { timestamp } from "./serverContext.ts";

/** core/v1 Node: the fields we read. */
export interface Node extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[]; readonly podCIDR?: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly allocatable?: Readonly<Record<string, string>>;
  };
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

export const ZONE_LABEL = "topology.kubernetes.io/zone";

/** `zone-a-1` … in the zones `zone-a`, `zone-b` and so on. */
export function nodesInZones(zones: number, nodesPerZone: number, now: number): Node[] {
  return Array.from({ length: zones }, (_, zone) => `zone-${String.fromCharCode("a".charCodeAt(0) + zone)}`).flatMap(
    (zone) => Array.from({ length: nodesPerZone }, (_, index) => readyNode(`${zone}-${index + 1}`, zone, now)),
  );
}

/** Every node has an address of its own, known from its name alone. */
export function nodeAddress(nodeName: string): string {
  let hash = 0;
  for (const character of nodeName) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return `10.0.${(hash >>> 8) & 255}.${hash & 255 || 1}`;
}

/** Creates the nodes. They never send a heartbeat: a control plane with a node lifecycle controller would declare them dead. */
export async function registerNodes(cluster: Cluster, nodes: readonly Node[]): Promise<void> {
  await Promise.all(nodes.map((node) => registerNode(cluster, node)));
}

async function registerNode(cluster: Cluster, node: Node): Promise<void> {
  const name = { name: node.metadata.name! };
  try {
    const created = await cluster.create(NODES, node);
    // A real API server taints every new node until a controller has seen it ready; here nobody would take that away.
    if (created.spec?.taints?.length)
      await cluster.patch(NODES, name, { type: "merge", patch: { spec: { taints: null } } });
  } catch (error) {
    if (!isClusterError(error, "alreadyExists")) throw error;
  }
}

function readyNode(name: string, zone: string, now: number): Node {
  const capacity = { cpu: "32", memory: "128Gi", pods: "110", "ephemeral-storage": "100Gi" };
  const condition = (type: string, status: string, reason: string, message: string): Record<string, string> => ({
    type,
    status,
    reason,
    message,
    lastHeartbeatTime: timestamp(now),
    lastTransitionTime: timestamp(now),
  });
  const node = {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/region": "region-1",
        [ZONE_LABEL]: zone,
      },
    },
    spec: {},
    status: {
      capacity,
      allocatable: capacity,
      addresses: [
        { type: "InternalIP", address: nodeAddress(name) },
        { type: "Hostname", address: name },
      ],
      conditions: [
        condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
      ] as unknown as NonNullable<Node["status"]>["conditions"],
      nodeInfo: {
        kubeletVersion: "v1.36.3",
        containerRuntimeVersion: "containerd://2.1.0",
        osImage: "Embedded",
        kernelVersion: "6.12.0",
        architecture: "amd64",
        operatingSystem: "linux",
        machineID: name,
        systemUUID: name,
        bootID: name,
        kubeProxyVersion: "",
      },
    },
  };
  return node as Node;
}
