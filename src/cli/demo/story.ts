import { parse } from "yaml";
import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { type Environment, sleep } from "../../cluster/environment.ts";
import {
  apiVersionOf,
  DEPLOYMENTS,
  NAMESPACES,
  NODES,
  type ResourceType,
  SIDECAR_SETS,
} from "../../cluster/resource.ts";
import type { KubeObject } from "../../core/kube/object.ts";
import type { Container, Pod, PodSpec } from "../../core/kube/pod.ts";
import type { Narrator } from "./narrator.ts";
import { type ObservedPod, restartedAppContainers, unavailable } from "./observer.ts";
import { type PodObserver, startPodObserver } from "./podObserver.ts";
import type { Sample } from "./storyView.ts";

export interface StoryInput {
  /** The cluster as its users see it; a manager serves it already. */
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly narrator: Narrator;
  readonly signal: AbortSignal;
  /** YAML of the SidecarSet and of the Deployment, as a user would apply them. */
  readonly sidecarSet: string;
  readonly deployment: string;
}

/** A promise of the story and what the observer saw of it. */
export interface Promised {
  readonly name: string;
  readonly seen: string;
  readonly held: boolean;
}

const NAMESPACE = "ns-1";
const SIDECAR = "logtail";
const NEW_IMAGE = "logtail:1.0.1";
const LIMIT = 3;
const PATIENCE_MS = 60_000;
/** How long "then it stops" is watched before we believe it. */
const QUIET_MS = 1_500;

/**
 * The launch article's story: inject at creation, upgrade half of the pods in place three at a time, stop, then the rest.
 * Rejects with an Error that says what did not happen in time.
 */
export async function playStory(input: StoryInput): Promise<readonly Promised[]> {
  const end = new AbortController();
  try {
    return await play({ ...input, signal: AbortSignal.any([input.signal, end.signal]) });
  } finally {
    end.abort();
  }
}

async function play(input: StoryInput): Promise<readonly Promised[]> {
  const { cluster, environment, narrator, signal } = input;
  const started = environment.clock.now();
  const set = parse(input.sidecarSet) as KubeObject;
  const deployment = parse(input.deployment) as Deployment;
  const replicas = deployment.spec.replicas;

  await apply(cluster, NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const zoneOfNode = await zones(cluster);
  const observer = await startPodObserver({
    cluster,
    environment,
    signal,
    namespace: NAMESPACE,
    labelSelector: "app=web-server",
    sidecar: SIDECAR,
  });
  const wave = (held: number): void =>
    narrator.wave({ observation: observer.observation(), zoneOfNode, image: NEW_IMAGE, limit: LIMIT, held });

  const applied = narrator.begin("SidecarSet", `applying ${set.metadata.name}`);
  await apply(cluster, SIDECAR_SETS, set);
  applied({ detail: `${set.metadata.name}: ${SIDECAR}:1.0.0 for app=web-server in ${NAMESPACE}` });

  const injection = narrator.begin("Injection", `Deployment ${deployment.metadata.name}, ${replicas} pods`);
  await apply(cluster, DEPLOYMENTS, deployment);
  await observer.until(
    "all pods are ready",
    () => pods(observer).length === replicas && pods(observer).every(isAvailable),
    PATIENCE_MS,
  );
  const injected = observer.pods().filter(carriesSidecar);
  injection({ detail: `${injected.length} of ${replicas} pods came out of the API server with ${SIDECAR}` });
  const [first] = injected;
  if (first) narrator.sample(sampleOf(deployment, first));

  observer.startCounting();
  const half = replicas / 2;
  const release = narrator.begin("Gray release", `${SIDECAR} 1.0.0 to 1.0.1, partition 50%, maxUnavailable ${LIMIT}`);
  const stopDrawing = observer.subscribe(() => wave(half));
  await changeSidecarSet(cluster, set, [
    { op: "replace", path: "/spec/containers/0/image", value: NEW_IMAGE },
    {
      op: "add",
      path: "/spec/updateStrategy",
      value: { type: "RollingUpdate", partition: "50%", maxUnavailable: LIMIT },
    },
  ]);
  await observer.until(
    "half of the pods are upgraded",
    () => upgraded(observer).length >= half && unavailableNow(observer) === 0,
    PATIENCE_MS,
  );
  await sleep(environment.clock, QUIET_MS, signal);
  signal.throwIfAborted();
  const stoppedAt = upgraded(observer).length;
  wave(half);
  release({
    detail: `${stoppedAt} of ${replicas} upgraded in place, ${LIMIT} at a time; then it stopped`,
    failed: stoppedAt !== half,
  });
  stopDrawing();

  const rest = narrator.begin("The rest", "partition 0");
  const stopDrawingRest = observer.subscribe(() => wave(0));
  await changeSidecarSet(cluster, set, [{ op: "replace", path: "/spec/updateStrategy/partition", value: 0 }]);
  await observer.until(
    "all pods are upgraded",
    () => upgraded(observer).length === replicas && unavailableNow(observer) === 0,
    PATIENCE_MS,
  );
  wave(0);
  rest({ detail: `${upgraded(observer).length} of ${replicas} pods run ${NEW_IMAGE}` });
  stopDrawingRest();

  const seen = observer.observation();
  const restarted = restartedAppContainers(seen);
  return [
    promised("pods created with the sidecar", `${injected.length} of ${replicas}`, injected.length === replicas),
    promised("pods upgraded at partition 50%", `${stoppedAt} of ${replicas}`, stoppedAt === half),
    promised(
      "pods upgraded in the end",
      `${upgraded(observer).length} of ${replicas}`,
      upgraded(observer).length === replicas,
    ),
    promised("pods recreated", `${seen.recreated}`, seen.recreated === 0),
    promised("application containers restarted", `${restarted}`, restarted === 0),
    promised(
      "most pods unavailable at once",
      `${seen.mostUnavailable} (limit ${LIMIT})`,
      seen.mostUnavailable <= LIMIT,
    ),
    promised("time", `${((environment.clock.now() - started) / 1000).toFixed(1)} s`, true),
  ];
}

interface Deployment extends KubeObject {
  readonly spec: { readonly replicas: number; readonly template: { readonly spec: PodSpec } };
}

function promised(name: string, seen: string, held: boolean): Promised {
  return { name, seen, held };
}

function pods(observer: PodObserver): ObservedPod[] {
  return [...observer.observation().pods.values()];
}

function isAvailable(pod: ObservedPod): boolean {
  return !unavailable(pod);
}

function upgraded(observer: PodObserver): ObservedPod[] {
  return pods(observer).filter((pod) => pod.sidecarImage === NEW_IMAGE);
}

function unavailableNow(observer: PodObserver): number {
  return observer.observation().unavailable;
}

/** The article's injection, in full: first in the list, with the marker and the time zone of the application. */
function carriesSidecar(pod: Pod): boolean {
  const [first] = pod.spec.containers;
  const env = (name: string) => first?.env?.find((entry) => entry.name === name)?.value;
  return first?.name === SIDECAR && env("IS_INJECTED") === "true" && env("TZ") !== undefined;
}

function sampleOf(deployment: Deployment, pod: Pod): Sample {
  const template = deployment.spec.template.spec;
  const sidecar = pod.spec.containers.find(({ name }) => name === SIDECAR);
  const added = (pod.spec.volumes ?? []).filter(
    ({ name }) => !template.volumes?.some((volume) => volume.name === name),
  );
  return {
    pod: pod.metadata.name ?? "",
    before: [`containers ${list(template.containers)}`],
    after: [
      `containers ${list(pod.spec.containers)}`,
      `${SIDECAR} env ${(sidecar?.env ?? []).map(({ name, value }) => `${name}=${value ?? "(from a source)"}`).join(", ")}`,
      `volumes ${added.map(({ name }) => name).join(", ")} (added)`,
    ],
  };
}

function list(containers: readonly Container[]): string {
  return containers.map(({ name, image }) => `${name} (${image})`).join(", ");
}

/** Creates the object, or leaves an existing one as it is. */
async function apply(cluster: Cluster, type: ResourceType, object: KubeObject): Promise<void> {
  try {
    await cluster.create(versionOf(type, object), object);
  } catch (error) {
    if (!isClusterError(error, "alreadyExists")) throw error;
  }
}

/** The article's SidecarSet is written in v1alpha1: it goes through that version's door. */
function versionOf(type: ResourceType, object: KubeObject): ResourceType {
  return apiVersionOf(type) === object.apiVersion ? type : { ...type, version: object.apiVersion.split("/").at(-1)! };
}

async function changeSidecarSet(
  cluster: Cluster,
  set: KubeObject,
  operations: Parameters<typeof asPatch>[0],
): Promise<void> {
  await cluster.patch(SIDECAR_SETS, { name: set.metadata.name! }, asPatch(operations));
}

function asPatch(operations: Extract<Parameters<Cluster["patch"]>[2], { type: "json" }>["operations"]) {
  return { type: "json", operations } as const;
}

async function zones(cluster: Cluster): Promise<ReadonlyMap<string, string>> {
  const nodes = await cluster.list(NODES);
  return new Map(
    nodes.items.map(({ metadata }) => [
      metadata.name ?? "",
      metadata.labels?.["topology.kubernetes.io/zone"] ?? "no zone",
    ]),
  );
}
