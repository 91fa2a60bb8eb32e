import type { JsonPatch } from "../kube/jsonPatch.ts";
import type { Json } from "../kube/object.ts";
import { type ContainerRecord, type PodRecord, readHashes } from "../pod/podRecord.ts";
import { Recent } from "../recent.ts";
import { HASH_ANNOTATION } from "../sidecarSet/annotations.ts";
import type { MarkUpgradable } from "./rolloutPlan.ts";

/** A restart of some containers after their images were changed. Times are in milliseconds since the epoch. */
interface PlayedRestart {
  readonly containers: readonly string[];
  /** Whether the new image can be run. */
  readonly comesUp: boolean;
  /** When the images were written, and when the pod is as it will be. */
  readonly since: number;
  readonly now: number;
}

/**
 * Pods as the API server and the kubelet would show them after a change. What happens to equal pods at one moment is worked out once
 * and shared between their records: without that a million pods do not fit.
 */
export class PlayedRecords {
  readonly #maps = new Shared<Readonly<Record<string, string>>, Readonly<Record<string, string>>>();
  readonly #writes = new Recent<WrittenPods>();
  readonly #lists = new Shared<readonly ContainerRecord[], readonly ContainerRecord[]>();

  /** The pod with the patch of an upgrade or a flip in it. Its tests hold, for it was made of this record. */
  written(pod: PodRecord, operations: JsonPatch): PodRecord {
    const known = this.#writes.find(
      ({ before, patch }) => haveTheSameParts(pod, before) && writeTheSame(patch, operations),
    );
    const { after } =
      known ?? this.#writes.add({ before: pod, patch: operations, after: this.#parts(pod, operations) });
    return {
      ...pod,
      ...after,
      generation: pod.generation === undefined ? undefined : pod.generation + 1,
      resourceVersion: later(pod.resourceVersion),
    };
  }

  #parts(pod: PodRecord, operations: JsonPatch): WrittenParts {
    const annotations = this.#withTexts(pod.annotations, writesBelow("/metadata/annotations", operations));
    return {
      annotations,
      hashes: readHashes(annotations[HASH_ANNOTATION]),
      labels: this.#withTexts(pod.labels, writesBelow("/metadata/labels", operations)),
      containers: this.#withImages(pod.containers, writesBelow("/spec/containers", operations)),
      initContainers: this.#withImages(pod.initContainers, writesBelow("/spec/initContainers", operations)),
    };
  }

  /** The kubelet has started the containers anew, or has found that it cannot. The pod is ready when all of them are. */
  restarted(pod: PodRecord, restart: PlayedRestart): PodRecord {
    const containers = this.#restartedList(pod.containers, restart);
    const initContainers = this.#restartedList(pod.initContainers, restart);
    const isGated = !pod.ready && pod.phase === "Running" && areReady(pod.containers, pod.initContainers);
    const ready = !isGated && areReady(containers, initContainers);
    return {
      ...pod,
      resourceVersion: later(pod.resourceVersion),
      observedGeneration: pod.observedGeneration === undefined ? undefined : pod.generation,
      containers,
      initContainers,
      phase: ready ? "Running" : pod.phase,
      ready,
      readySince: ready || pod.ready ? restart.now : pod.readySince,
      reportedContainers: containers.filter(({ status }) => status !== undefined).length,
      restarts: mostRestarts(containers),
      nativeRestarts: mostRestarts(initContainers.filter(({ native }) => native)),
    };
  }

  marked(pod: PodRecord, { condition }: MarkUpgradable): PodRecord {
    const { status, reason, message } = condition;
    const upgradable = { status: text(status), reason: text(reason), message: text(message) };
    return { ...pod, resourceVersion: later(pod.resourceVersion), upgradable };
  }

  #withTexts(before: Readonly<Record<string, string>>, writes: readonly Write[]): Readonly<Record<string, string>> {
    if (writes.length === 0) return before;
    return this.#maps.of(before, signatureOf(writes), () => {
      const whole = writes.find(({ path }) => path === "")?.value as Readonly<Record<string, string>> | undefined;
      const texts = writes.filter(({ path }) => path !== "");
      return {
        ...(whole ?? before),
        ...Object.fromEntries(texts.map(({ path, value }) => [unescaped(path.slice(1)), text(value)])),
      };
    });
  }

  #withImages(before: readonly ContainerRecord[], writes: readonly Write[]): readonly ContainerRecord[] {
    if (writes.length === 0) return before;
    return this.#lists.of(before, signatureOf(writes), () => {
      const images = new Map(writes.map(({ path, value }) => [path, text(value)]));
      return before.map((container, index) => {
        const image = images.get(`/${index}/image`);
        return image === undefined ? container : { ...container, image };
      });
    });
  }

  #restartedList(before: readonly ContainerRecord[], restart: PlayedRestart): readonly ContainerRecord[] {
    if (!before.some(({ name }) => restart.containers.includes(name))) return before;
    const { containers, comesUp, since } = restart;
    return this.#lists.of(before, `restart ${containers.join()} ${comesUp} ${since}`, () =>
      before.map((container) =>
        containers.includes(container.name) ? restartedContainer(container, restart) : container,
      ),
    );
  }
}

type WrittenParts = Pick<PodRecord, "annotations" | "hashes" | "labels" | "containers" | "initContainers">;

/** A write that pods with the same parts may have in common. */
interface WrittenPods {
  readonly before: PodRecord;
  readonly patch: JsonPatch;
  readonly after: WrittenParts;
}

function haveTheSameParts(pod: PodRecord, before: PodRecord): boolean {
  return (
    pod.annotations === before.annotations &&
    pod.labels === before.labels &&
    pod.containers === before.containers &&
    pod.initContainers === before.initContainers
  );
}

function writeTheSame(one: JsonPatch, other: JsonPatch): boolean {
  return (
    one.length === other.length &&
    one.every((operation, at) => operation === other[at] || (operation.op === "test" && other[at]?.op === "test"))
  );
}

/** A value and where it goes: what follows in the pointer. */
interface Write {
  readonly path: string;
  readonly value: Json;
}

function writesBelow(place: string, operations: JsonPatch): readonly Write[] {
  const writes: Write[] = [];
  for (const operation of operations) {
    if (operation.op !== "add" && operation.op !== "replace") continue;
    const { path, value } = operation;
    if (path.startsWith(place) && (path.length === place.length || path[place.length] === "/")) {
      writes.push({ path: path.slice(place.length), value });
    }
  }
  return writes;
}

function signatureOf(writes: readonly Write[]): string {
  let signature = "";
  for (const { path, value } of writes) signature += `${path}=${text(value)}\n`;
  return signature;
}

function restartedContainer(container: ContainerRecord, { comesUp, since }: PlayedRestart): ContainerRecord {
  const { image, status } = container;
  const before = status ?? NEVER_STARTED;
  if (!comesUp) return { ...container, status: { ...before, ready: false, waitingReason: "ImagePullBackOff" } };
  const restartCount = status ? status.restartCount + 1 : 0;
  return {
    ...container,
    status: {
      image,
      imageId: `sha256-of:${image}`,
      containerId: `${before.containerId.replace(/#\d+$/, "")}#${restartCount}`,
      ready: true,
      restartCount,
      // Before the pod's readiness, which is thus known to be about this container.
      startedAt: since,
      waitingReason: undefined,
    },
  };
}

const NEVER_STARTED = {
  image: "",
  imageId: "",
  containerId: "",
  ready: false,
  restartCount: 0,
  startedAt: undefined,
  waitingReason: undefined,
};

/** Regular containers, and native sidecars: the pod is ready when they are. */
function areReady(containers: readonly ContainerRecord[], initContainers: readonly ContainerRecord[]): boolean {
  return [...containers, ...initContainers.filter(({ native }) => native)].every(
    ({ status }) => status?.ready === true,
  );
}

function mostRestarts(containers: readonly ContainerRecord[]): number {
  return containers.reduce((most, { status }) => Math.max(most, status?.restartCount ?? 0), 0);
}

/** Resource versions are whole numbers. */
function later(version: string): string {
  return String(Number(version) + 1);
}

function unescaped(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}

/** Another pod with the same source and the same change gets the same object, as long as the change is recent. */
class Shared<Source extends object, Result> {
  readonly #recent = new WeakMap<Source, Map<string, Result>>();

  of(source: Source, signature: string, make: () => Result): Result {
    const recent = this.#recent.get(source) ?? new Map<string, Result>();
    const known = recent.get(signature);
    if (known !== undefined) return known;
    if (recent.size >= RECENT) recent.clear();
    const result = make();
    this.#recent.set(source, recent.set(signature, result));
    return result;
  }
}

const RECENT = 1000;
