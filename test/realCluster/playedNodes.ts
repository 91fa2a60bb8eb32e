import type { Cluster } from "../../src/cluster/cluster.ts";
import { type Environment, systemClock } from "../../src/cluster/environment.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import { NODES, PODS } from "../../src/cluster/resource.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { startKubelet } from "../../src/simulator/kubelet/kubelet.ts";
import { nodesInZones, registerNodes } from "../../src/simulator/nodes.ts";

const environment: Environment = { clock: systemClock, random: Math.random, log: () => {} };

/** Gives a control plane twelve nodes in three zones, whose kubelets are played, so that pods run. */
export async function playNodes(cluster: Cluster): Promise<{ stop(): Promise<void> }> {
  const controller = new AbortController();
  const { signal } = controller;
  const nodes = nodesInZones(3, 4, Date.now());
  const names = nodes.map((node) => node.metadata.name ?? "");
  await registerNodes(cluster, nodes);
  const pods = startInformer<Pod, Pod>({ cluster, type: PODS, transform: (pod) => pod, environment, signal });
  await pods.synced;
  startKubelet({ cluster, environment, pods, signal, nodes: new Set(names) });
  return {
    async stop() {
      controller.abort();
      await Promise.all(names.map((name) => cluster.delete(NODES, { name })));
    },
  };
}
