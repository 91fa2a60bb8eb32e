import type { Labels } from "../kube/labelSelector.ts";
import type { Container, ContainerStatus, Pod, PodCondition } from "../kube/pod.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../sidecarSet/annotations.ts";
import { glanceAt, withoutTimes } from "./hashGlance.ts";
import { SharedTexts } from "./sharedTexts.ts";

/** What a rollout reads of a pod: flat, with times as numbers, a fraction of the object's size. */
export interface PodRecord {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Uid of its controller; empty: it has none. */
  readonly owner: string;
  readonly generation: number | undefined;
  /** Generation that the kubelet's status is about; undefined on clusters that do not report it. */
  readonly observedGeneration: number | undefined;
  readonly labels: Labels;
  /**
   * All but kubectl's copy of the whole object: `patchPodMetadata` may name any of them. The times in the hash record without image,
   * which nobody reads or writes again, are left out.
   */
  readonly annotations: Readonly<Record<string, string>>;
  /** The hash record among them, read. Left out: whoever wants it reads it. */
  readonly hashes?: ReadHashes | undefined;
  /** Empty: not scheduled yet. */
  readonly nodeName: string;
  readonly phase: string;
  readonly deleting: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number | undefined;
  /** The pod's own condition Ready, which all its containers share. */
  readonly ready: boolean;
  readonly readySince: number | undefined;
  readonly upgradable: UpgradableCondition | undefined;
  readonly containers: readonly ContainerRecord[];
  readonly initContainers: readonly ContainerRecord[];
  /** How many regular containers the kubelet reports on. */
  readonly reportedContainers: number;
  /** Highest restart count among the regular containers, and among the native sidecars. */
  readonly restarts: number;
  readonly nativeRestarts: number;
}

export interface ReadHashes {
  /** It is only about this text: a copy of the record may have another one. */
  readonly text: string;
  readonly entries: ReturnType<typeof glanceAt>;
}

export interface ContainerRecord {
  readonly name: string;
  readonly image: string;
  /** An init container with restartPolicy Always. */
  readonly native: boolean;
  /**
   * How long after its start the status of this container may still show the readiness of its predecessor (it has a startup probe
   * and no readiness probe); 0: `ready` can be believed at once.
   */
  readonly staleReadyMs: number;
  /** Undefined as long as the kubelet has not reported on it. */
  readonly status: ContainerStatusRecord | undefined;
}

interface ContainerStatusRecord {
  readonly image: string;
  readonly imageId: string;
  readonly containerId: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly startedAt: number | undefined;
  /** Why it waits: `ImagePullBackOff`, … */
  readonly waitingReason: string | undefined;
}

/** The pod condition by which other tools see whether sidecars can be upgraded in place. */
interface UpgradableCondition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export const UPGRADABLE_CONDITION = "SidecarSetUpgradable";

export function podRecord(pod: Pod): PodRecord {
  const { metadata, spec, status } = pod;
  const conditions = status?.conditions ?? [];
  const ready = conditions.find((condition) => condition.type === "Ready");
  const initContainers = containerRecords(spec.initContainers ?? [], status?.initContainerStatuses ?? []);
  return {
    namespace: shared(metadata.namespace ?? "default"),
    name: metadata.name ?? "",
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    owner: shared(metadata.ownerReferences?.find(({ controller }) => controller)?.uid ?? ""),
    generation: metadata.generation,
    observedGeneration: status?.observedGeneration,
    labels: metadata.labels ? sharedValues(metadata.labels) : NONE,
    annotations: keptAnnotations(metadata.annotations),
    hashes: readHashes(metadata.annotations?.[HASH_ANNOTATION]),
    nodeName: shared(spec.nodeName ?? ""),
    phase: shared(status?.phase ?? ""),
    deleting: Boolean(metadata.deletionTimestamp),
    createdAt: timeOf(metadata.creationTimestamp),
    ready: ready?.status === "True",
    readySince: timeOf(ready?.lastTransitionTime),
    upgradable: upgradableCondition(conditions),
    containers: containerRecords(spec.containers, status?.containerStatuses ?? []),
    initContainers,
    reportedContainers: status?.containerStatuses?.length ?? 0,
    restarts: Math.max(0, ...(status?.containerStatuses ?? []).map((container) => container.restartCount ?? 0)),
    nativeRestarts: Math.max(
      0,
      ...initContainers.filter(({ native }) => native).map((container) => container.status?.restartCount ?? 0),
    ),
  };
}

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** `namespace/name`: the key of a pod where people, and queues of work, name it. */
export function podKey(pod: PodName): string {
  return `${pod.namespace}/${pod.name}`;
}

const NONE: Readonly<Record<string, string>> = Object.freeze({});
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

function keptAnnotations(annotations: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  if (!annotations) return NONE;
  const kept =
    LAST_APPLIED in annotations
      ? Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== LAST_APPLIED))
      : { ...annotations };
  const record = kept[HASH_WITHOUT_IMAGE_ANNOTATION];
  const timeless = record === undefined ? undefined : withoutTimes(record);
  if (timeless !== undefined) kept[HASH_WITHOUT_IMAGE_ANNOTATION] = timeless;
  return sharedValues(kept);
}

export function readHashes(text: string | undefined): ReadHashes | undefined {
  return text === undefined ? undefined : { text, entries: glanceAt(text) };
}

/** Of a million pods nearly all texts but these are the same few. Nobody sees whether they are. */
const texts = new SharedTexts(20_000);

function shared(text: string): string {
  return texts.of(text);
}

function sharedValues(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const copy = { ...values };
  for (const key of Object.keys(copy)) if (key !== HASH_ANNOTATION) copy[key] = shared(copy[key]!);
  return copy;
}

function upgradableCondition(conditions: readonly PodCondition[]): UpgradableCondition | undefined {
  const condition = conditions.find(({ type }) => type === UPGRADABLE_CONDITION);
  if (!condition) return undefined;
  return { status: condition.status, reason: condition.reason ?? "", message: condition.message ?? "" };
}

function containerRecords(
  containers: readonly Container[],
  statuses: readonly ContainerStatus[],
): readonly ContainerRecord[] {
  const byName = new Map(statuses.map((status) => [status.name, status]));
  return containers.map((container) => {
    const status = byName.get(container.name);
    return {
      name: shared(container.name),
      image: shared(container.image ?? ""),
      native: container.restartPolicy === "Always",
      staleReadyMs: staleReadyMs(container),
      status: status && statusRecord(status),
    };
  });
}

function statusRecord(status: ContainerStatus): ContainerStatusRecord {
  return {
    image: shared(status.image ?? ""),
    imageId: shared(status.imageID ?? ""),
    containerId: status.containerID ?? "",
    ready: status.ready ?? false,
    restartCount: status.restartCount ?? 0,
    startedAt: timeOf(status.state?.running?.startedAt),
    waitingReason: status.state?.waiting?.reason,
  };
}

const STALE_READY_MARGIN_MS = 1000;

/**
 * After a restart in place the kubelet reports the new container with the old one's `ready` until the startup probe has had its
 * first look; a readiness probe makes it start as not ready.
 */
function staleReadyMs(container: Container): number {
  if (!container.startupProbe || container.readinessProbe) return 0;
  const probe = container.startupProbe as { readonly initialDelaySeconds?: number; readonly periodSeconds?: number };
  return ((probe.initialDelaySeconds ?? 0) + (probe.periodSeconds ?? 10)) * 1000 + STALE_READY_MARGIN_MS;
}

function timeOf(text: string | null | undefined): number | undefined {
  if (!text) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
