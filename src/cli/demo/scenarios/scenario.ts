import type { JsonObject, KubeObject } from "../../../core/kube/object.ts";
import type { Pod } from "../../../core/kube/pod.ts";

/** A lesson on the embedded cluster: something happens to a SidecarSet, and a command says why. */
export interface Scenario {
  /** What it teaches, in a line. */
  readonly teaches: string;
  /** In each of three zones; a node takes 110 pods. Left out: 4. */
  readonly nodesPerZone?: number;
  /** Rejects with an Error that says what did not happen in time. */
  play(stage: Stage): Promise<void>;
}

/** What a lesson is made of. The SidecarSet is `log-agent` with the sidecar `logtail`, its pods are `app=web` in the namespace `shop`. */
export interface Stage {
  /** What happens now, in a line. */
  say(text: string): void;
  /** Creates the objects, as `kubectl apply` would. */
  apply(...objects: readonly KubeObject[]): Promise<void>;
  /** Runs the program as a person would, and shows what it prints. @param exits with which code it should end */
  type(words: readonly string[], exits?: number): Promise<void>;
  /** Shows the kubectl command and does what it does: a strategic or merge patch. */
  patch(what: "sidecarset/log-agent" | "deployment/web", patch: JsonObject): Promise<void>;
  /** Shows the kubectl command and does what it does. */
  deletePod(name: string): Promise<void>;
  /** The pods as the API shows them. */
  pods(): readonly Pod[];
  /** The SidecarSet as it is stored. */
  set(): Promise<StoredSet>;
  /** Waits until it is so; rejects after two minutes, or what is given. */
  until(what: string, condition: () => boolean | Promise<boolean>, patienceMs?: number): Promise<void>;
  /** Looks on for a moment: something should not happen. */
  watchAWhile(): Promise<void>;
  /** From here on pods must not be recreated, nor their applications restarted. */
  nobodyNotices(): void;
  /** A promise of the lesson, and what came of it. */
  promise(name: string, seen: string, held: boolean): void;
  stopManager(): Promise<void>;
  startManager(): Promise<void>;
}

export interface StoredSet extends KubeObject {
  readonly status?: JsonObject;
}

export const NAMESPACE = "shop";
export const OLD = "logtail:1.0.0";
export const NEW = "logtail:1.0.1";

/** @param spec what is special in this lesson */
export function logAgent(spec: JsonObject = {}): KubeObject {
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: "log-agent" },
    spec: { selector: { matchLabels: { app: "web" } }, containers: [{ name: "logtail", image: OLD }], ...spec },
  } as KubeObject;
}

/** A Deployment of that name; its pods have `app=web` and these labels. */
export function deployment(name: string, replicas: number, labels: Readonly<Record<string, string>> = {}): KubeObject {
  const matchLabels = { app: "web", deployment: name, ...labels };
  const template = {
    metadata: { labels: matchLabels },
    spec: { containers: [{ name: "web", image: "nginx:1.27.0" }] },
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: NAMESPACE },
    spec: { replicas, selector: { matchLabels }, template },
  } as KubeObject;
}

/** What a pod is asked to run as its sidecar, wherever it is. */
export function sidecarImage({ spec }: Pod): string | undefined {
  return [...spec.containers, ...(spec.initContainers ?? [])].find(({ name }) => name === "logtail")?.image;
}

export function withImage(pods: readonly Pod[], image: string): readonly Pod[] {
  return pods.filter((pod) => sidecarImage(pod) === image);
}

export function isReady({ status, metadata }: Pod): boolean {
  const ready = status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
  return ready && metadata.deletionTimestamp === undefined;
}

/** All of so many pods are there and ready. */
export async function allReady(stage: Stage, count: number, patienceMs?: number): Promise<void> {
  const isSo = (): boolean => stage.pods().length === count && stage.pods().every(isReady);
  await stage.until(`${count} pods are ready`, isSo, patienceMs);
}

/** The rollout is over: every pod that may have it has the image, and is ready. */
export async function updated(stage: Stage, count: number, image = NEW, patienceMs?: number): Promise<void> {
  const isSo = (): boolean =>
    withImage(stage.pods(), image).filter(isReady).length >= count && stage.pods().every(isReady);
  await stage.until(`${count} pods run ${image}`, isSo, patienceMs);
}

export async function phaseIs(stage: Stage, phase: string): Promise<void> {
  await stage.until(`the rollout is ${phase}`, async () => {
    const { status } = await stage.set();
    return (status?.rollout as { readonly phase?: string } | undefined)?.phase === phase;
  });
}

/** The first by name that is so. */
export function firstPod(stage: Stage, is: (pod: Pod) => boolean): Pod {
  const found = [...stage.pods()]
    .sort((one, other) => (one.metadata.name! < other.metadata.name! ? -1 : 1))
    .find((pod) => is(pod));
  if (!found) throw new Error("no such pod on the stage");
  return found;
}

/** `explain pod/web-7d9c-x2k4p -n shop` */
export function explaining({ metadata }: Pod): readonly string[] {
  return ["explain", `pod/${metadata.name!}`, "-n", NAMESPACE];
}
