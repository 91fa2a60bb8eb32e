import type { Pod } from "../../core/kube/pod.ts";
import { type Node, ZONE_LABEL } from "../nodes.ts";
import { isOnNodeSelected, untoleratedTaint } from "./nodeChoice.ts";

/** Where pods are already, counted once for a whole batch of new ones; it grows with every decision. */
export class Occupancy {
  readonly #counts = new Map<string, number>();

  constructor(pods: Iterable<Pod>, zoneOf: (node: string) => string) {
    for (const pod of pods) if (pod.spec.nodeName) this.add(pod, pod.spec.nodeName, zoneOf(pod.spec.nodeName));
  }

  add(pod: Pod, node: string, zone: string): void {
    for (const key of [`${groupOf(pod)}|zone|${zone}`, `${groupOf(pod)}|node|${node}`, `|node|${node}`])
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Smaller is the better place: few of its own kind in the zone, then on the node, then few pods at all. */
  crowding(pod: Pod, node: string, zone: string): readonly number[] {
    const group = groupOf(pod);
    return [`${group}|zone|${zone}`, `${group}|node|${node}`, `|node|${node}`].map((key) => this.#counts.get(key) ?? 0);
  }
}

/** @returns a node, or why there is none */
export function placePod(pod: Pod, nodes: readonly Node[], occupancy: Occupancy): Node | string {
  const problems = new Map<string, number>();
  let best: { node: Node; crowding: readonly number[] } | undefined;
  for (const node of nodes) {
    const problem = misfit(pod, node, occupancy);
    if (problem !== undefined) {
      problems.set(problem, (problems.get(problem) ?? 0) + 1);
      continue;
    }
    const crowding = occupancy.crowding(pod, node.metadata.name!, zoneOf(node));
    if (!best || isLess(crowding, best.crowding)) best = { node, crowding };
  }
  if (best) return best.node;
  const reasons = [...problems].map(([problem, count]) => `${count} ${problem}`).sort();
  return `0/${nodes.length} nodes are available: ${reasons.join(", ")}.`;
}

export function zoneOf(node: Node): string {
  return node.metadata.labels?.[ZONE_LABEL] ?? "";
}

function groupOf({ metadata }: Pod): string {
  return metadata.ownerReferences?.find(({ controller }) => controller)?.uid ?? metadata.namespace ?? "";
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const place = a.findIndex((value, index) => value !== b[index]);
  return place >= 0 && a[place]! < b[place]!;
}

function misfit(pod: Pod, node: Node, occupancy: Occupancy): string | undefined {
  const ready = node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  if (!ready) return "node(s) were not ready";
  if (node.spec?.unschedulable && !toleratesUnschedulable(pod)) return "node(s) were unschedulable";
  const taint = untoleratedTaint(pod, node, ["NoSchedule", "NoExecute"]);
  if (taint) return `node(s) had untolerated taint(s) {${taint.key}: ${taint.value ?? ""}}`;
  if (!isOnNodeSelected(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  const [, , pods] = occupancy.crowding(pod, node.metadata.name!, zoneOf(node));
  return pods! >= Number(node.status?.allocatable?.pods ?? Number.POSITIVE_INFINITY) ? "Too many pods" : undefined;
}

function toleratesUnschedulable(pod: Pod): boolean {
  const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
  const cordoned = { spec: { taints: [taint] } } as unknown as Node;
  return untoleratedTaint(pod, cordoned, [taint.effect]) === undefined;
}
