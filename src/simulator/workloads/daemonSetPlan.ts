import { resolveIntOrPercent } from "../../core/kube/intOrPercent.ts";
import type { JsonObject, KubeObject } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import type { Node } from "../nodes.ts";
import { isOnNodeSelected, toleratesNode } from "../scheduler/nodeChoice.ts";
import { isDeleting } from "./objectKey.ts";
import { podFromTemplate } from "./podFromTemplate.ts";
import type { PodSetAction, PodSetPlan, Surroundings } from "./podSetController.ts";
import { hashOf, templateRevisions } from "./templateRevisions.ts";
import { isActive, isPodReady, type PodTemplate, readySince } from "./workload.ts";

/** apps/v1 DaemonSet: the fields we read. */
export interface DaemonSet extends KubeObject {
  readonly spec: {
    readonly minReadySeconds?: number;
    readonly template: PodTemplate;
    readonly updateStrategy?: {
      readonly type?: "RollingUpdate" | "OnDelete";
      readonly rollingUpdate?: { readonly maxUnavailable?: number | string };
    };
  };
}

const REVISION_LABEL = "controller-revision-hash";

/** One pod on every node that takes it; old ones are replaced as far as maxUnavailable allows. */
export function planDaemonSet(set: DaemonSet, { pods, revisions, nodes, now }: Surroundings): PodSetPlan {
  const { update, actions } = templateRevisions(set, revisions, REVISION_LABEL);
  const hash = hashOf(update);
  const home = new Map<string, Pod>();
  const surplus: Pod[] = [];
  const taking = new Set(nodes.filter((node) => takes(set, node)).map(({ metadata }) => metadata.name!));
  for (const pod of [...pods].sort(olderFirst)) {
    const node = nodeOf(pod);
    if (isActive(pod) && taking.has(node) && !home.has(node)) home.set(node, pod);
    else if (!isDeleting(pod)) surplus.push(pod);
  }
  // The node is free again when the old pod is gone.
  const leaving = new Set(pods.filter(isDeleting).map(nodeOf));
  const missing = [...taking].filter((node) => !home.has(node) && !leaving.has(node)).sort();
  const isUpdated = (pod: Pod): boolean => pod.metadata.labels?.[REVISION_LABEL] === hash;
  const isAvailable = (pod: Pod): boolean => isPodReady(pod) && availableAt(set, pod) <= now;
  const daemons = [...home.values()];
  const unavailable = taking.size - daemons.filter(isAvailable).length;
  const old = daemons.filter((pod) => !isUpdated(pod));
  const room = Math.max(0, mayBeUnavailable(set, taking.size) - unavailable);
  const replaced =
    set.spec.updateStrategy?.type === "OnDelete"
      ? []
      : [...old.filter((pod) => !isAvailable(pod)), ...old.filter(isAvailable).slice(0, room)];
  const later = daemons.filter(isPodReady).map((pod) => availableAt(set, pod));
  const waiting = later.filter((at) => at > now);
  return {
    actions: [
      ...actions,
      ...missing.map((node): PodSetAction => ({ do: "createPod", pod: newPod(set, node, hash) })),
      ...[...surplus, ...replaced].map((pod): PodSetAction => ({ do: "deletePod", pod })),
    ],
    status: {
      currentNumberScheduled: daemons.length,
      numberMisscheduled: 0,
      desiredNumberScheduled: taking.size,
      numberReady: daemons.filter(isPodReady).length,
      observedGeneration: set.metadata.generation ?? 0,
      ...counter("updatedNumberScheduled", daemons.filter(isUpdated).length),
      ...counter("numberAvailable", daemons.filter(isAvailable).length),
      ...counter("numberUnavailable", unavailable),
    },
    wakeAt: waiting.length > 0 ? Math.min(...waiting) : undefined,
  };
}

/** Kubernetes leaves these counters out while they are zero. */
function counter(name: string, count: number): JsonObject {
  return count === 0 ? {} : { [name]: count };
}

function takes({ spec }: DaemonSet, node: Node): boolean {
  const pod = { spec: withTolerations(spec.template.spec) } as Pod;
  return isOnNodeSelected(pod, node) && toleratesNode(pod, node, ["NoSchedule", "NoExecute"]);
}

function mayBeUnavailable({ spec }: DaemonSet, nodes: number): number {
  const resolved = resolveIntOrPercent(spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, nodes, "up");
  return resolved.ok ? resolved.value : 1;
}

function availableAt({ spec }: DaemonSet, pod: Pod): number {
  return readySince(pod) + (spec.minReadySeconds ?? 0) * 1000;
}

/** A daemon belongs to one node from the start; the scheduler only confirms it. */
function newPod(set: DaemonSet, node: string, hash: string): Pod {
  const { template } = set.spec;
  const terms = [{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }];
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
  const spec = { ...withTolerations(template.spec), affinity };
  return podFromTemplate(set, template, { labels: { [REVISION_LABEL]: hash }, spec });
}

/** A daemon stays where others have to go. */
const STAYS = [
  ["node.kubernetes.io/not-ready", "NoExecute"],
  ["node.kubernetes.io/unreachable", "NoExecute"],
  ["node.kubernetes.io/disk-pressure", "NoSchedule"],
  ["node.kubernetes.io/memory-pressure", "NoSchedule"],
  ["node.kubernetes.io/pid-pressure", "NoSchedule"],
  ["node.kubernetes.io/unschedulable", "NoSchedule"],
].map(([key, effect]) => ({ key, operator: "Exists", effect }));

function withTolerations(spec: Pod["spec"]): Pod["spec"] {
  const own = (spec.tolerations as readonly object[] | undefined) ?? [];
  return { ...spec, tolerations: [...own, ...STAYS] };
}

interface NodeTerm {
  readonly matchFields?: readonly { readonly values?: readonly string[] }[];
}

function nodeOf({ spec }: Pod): string {
  if (spec.nodeName) return spec.nodeName;
  const affinity = spec.affinity as
    | {
        nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: readonly NodeTerm[] } };
      }
    | undefined;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms?.[0]?.matchFields?.[0]?.values?.[0] ?? "";
}

function olderFirst(a: Pod, b: Pod): number {
  const born = ({ metadata }: Pod): string => `${metadata.creationTimestamp} ${metadata.name}`;
  return born(a) < born(b) ? -1 : 1;
}
