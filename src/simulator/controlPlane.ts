import { setMaxListeners } from "node:events";
import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../cluster/environment.ts";
import { startInformer } from "../cluster/informer.ts";
import type { LocalCopy } from "../cluster/localCopy.ts";
import {
  CONTROLLER_REVISIONS,
  DEPLOYMENTS,
  NAMESPACES,
  NODES,
  PODS,
  REPLICA_SETS,
  type ResourceType,
} from "../cluster/resource.ts";
import type { ControllerRevision, KubeObject, Namespace } from "../core/kube/object.ts";
import type { Pod } from "../core/kube/pod.ts";
import { startEventExpiry } from "./events/eventExpiry.ts";
import { type EventRecorder, eventRecorder, NO_EVENTS } from "./events/eventRecorder.ts";
import { type KubeletOptions, startKubelet } from "./kubelet/kubelet.ts";
import type { Node } from "./nodes.ts";
import { startScheduler } from "./scheduler/scheduler.ts";
import { type CloneSet, planCloneSet } from "./workloads/cloneSetPlan.ts";
import { type DaemonSet, planDaemonSet } from "./workloads/daemonSetPlan.ts";
import { startDeploymentController } from "./workloads/deploymentController.ts";
import { startGarbageCollector } from "./workloads/garbageCollector.ts";
import { type Job, planJob } from "./workloads/jobPlan.ts";
import { startNamespaceController } from "./workloads/namespaceController.ts";
import { CLONE_SETS, DAEMON_SETS, JOBS, STATEFUL_SETS } from "./workloads/podKinds.ts";
import { startPodSetController } from "./workloads/podSetController.ts";
import { startReplicaSetController } from "./workloads/replicaSetController.ts";
import { planStatefulSet, type StatefulSet } from "./workloads/statefulSetPlan.ts";
import type { Deployment, ReplicaSet } from "./workloads/workload.ts";

export interface ControlPlaneOptions extends Pick<KubeletOptions, "timing" | "images"> {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** CloneSets are served, and get their pods. */
  readonly cloneSets?: boolean;
  /** What happens is told in Events as well; stories that do not read them do without. */
  readonly tellsEvents?: boolean;
  /** Kinds that own other objects besides the built-in ones; they must be served already. */
  readonly owningKinds?: readonly ResourceType[];
  /** All kinds that live in namespaces, as they are at the moment. */
  readonly namespacedKinds: () => readonly ResourceType[];
}

/** Everything of a cluster that is not its API server: scheduler, controllers, and kubelets for all nodes. Ready when it has seen all. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<void> {
  const { cluster, environment, signal, owningKinds = [], namespacedKinds } = options;
  const copyOf = <T extends KubeObject>(type: ResourceType): LocalCopy<T> =>
    startInformer<T, T>({ cluster, type, transform: (object) => object, environment, signal });
  // Every part listens for the end; that many listeners are no leak.
  setMaxListeners(0, signal);
  const pods = copyOf<Pod>(PODS);
  const nodes = copyOf<Node>(NODES);
  const deployments = copyOf<Deployment>(DEPLOYMENTS);
  const replicaSets = copyOf<ReplicaSet>(REPLICA_SETS);
  const namespaces = copyOf<Namespace>(NAMESPACES);
  const revisions = copyOf<ControllerRevision>(CONTROLLER_REVISIONS);
  const statefulSets = copyOf<StatefulSet>(STATEFUL_SETS);
  const daemonSets = copyOf<DaemonSet>(DAEMON_SETS);
  const jobs = copyOf<Job>(JOBS);
  const cloneSets = options.cloneSets ? copyOf<CloneSet>(CLONE_SETS) : undefined;
  const kinds = [
    { type: PODS, copy: pods },
    { type: DEPLOYMENTS, copy: deployments },
    { type: REPLICA_SETS, copy: replicaSets },
    { type: CONTROLLER_REVISIONS, copy: revisions },
    { type: STATEFUL_SETS, copy: statefulSets },
    { type: DAEMON_SETS, copy: daemonSets },
    { type: JOBS, copy: jobs },
    ...(cloneSets ? [{ type: CLONE_SETS, copy: cloneSets }] : []),
    ...owningKinds.map((type) => ({ type, copy: copyOf<KubeObject>(type) })),
  ];
  await Promise.all([nodes.synced, namespaces.synced, ...kinds.map(({ copy }) => copy.synced)]);

  const shared = { cluster, environment, signal };
  startGarbageCollector({ ...shared, kinds });
  startNamespaceController({ ...shared, namespaces, kinds: namespacedKinds });
  const eventsOf = (component: string): EventRecorder =>
    options.tellsEvents ? eventRecorder({ cluster, environment, component }) : NO_EVENTS;
  const by = (component: string) => ({ ...shared, events: eventsOf(component) });
  if (options.tellsEvents) startEventExpiry(shared);
  startDeploymentController({ ...by("deployment-controller"), deployments, replicaSets });
  startReplicaSetController({ ...by("replicaset-controller"), replicaSets, pods });
  const podSets = { pods, revisions, nodes };
  const [sts, ds, job, clone] = ["statefulset", "daemonset", "job", "cloneset"].map((kind) => by(`${kind}-controller`));
  startPodSetController({ ...sts!, ...podSets, type: STATEFUL_SETS, sets: statefulSets, plan: planStatefulSet });
  startPodSetController({ ...ds!, ...podSets, type: DAEMON_SETS, sets: daemonSets, plan: planDaemonSet });
  startPodSetController({ ...job!, ...podSets, type: JOBS, sets: jobs, plan: planJob });
  if (cloneSets)
    startPodSetController({ ...clone!, ...podSets, type: CLONE_SETS, sets: cloneSets, plan: planCloneSet });
  startScheduler({ ...by("default-scheduler"), pods, nodes });
  startKubelet({
    ...by("kubelet"),
    pods,
    ...(options.timing ? { timing: options.timing } : {}),
    ...(options.images ? { images: options.images } : {}),
  });
}
