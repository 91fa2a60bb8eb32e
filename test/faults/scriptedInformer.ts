import type { Cluster, ListOptions, ObjectList, WatchEvent, WatchOptions } from "../../src/cluster/cluster.ts";
import { ClusterError } from "../../src/cluster/clusterError.ts";
import type { Log } from "../../src/cluster/environment.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import type { Change, LocalCopy } from "../../src/cluster/localCopy.ts";
import { PODS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { settle, VirtualClock } from "../virtualClock.ts";

interface Settings {
  readonly pageSize?: number;
  /** The server streams its state. */
  readonly streams?: boolean;
  readonly random?: () => number;
}

/** An informer of a server that does what the test says, and all that it told. */
export function start({ pageSize, streams = false, random = () => 0.5 }: Settings = {}) {
  const clock = new VirtualClock();
  const cluster = new ScriptedCluster(streams);
  const controller = new AbortController();
  const log: Parameters<Log>[] = [];
  const copy = startInformer<KubeObject, string>({
    cluster: cluster as unknown as Cluster,
    type: PODS,
    transform: nameAndVersion,
    environment: { clock, random, log: (...line) => line[0] !== "debug" && log.push(line) },
    signal: controller.signal,
    listOptions: { labelSelector: "app=web" },
    ...(pageSize ? { pageSize } : {}),
  });
  const changes: string[] = [];
  copy.subscribe((change) => changes.push(describeChange(change)));
  return { clock, cluster, copy, changes, log, stop: () => controller.abort() };
}

export async function synced(pods: readonly KubeObject[], settings?: Settings): Promise<ReturnType<typeof start>> {
  const started = start(settings);
  started.cluster.answerList(page("10", pods));
  await settle();
  return started;
}

/** With the state being streamed. */
export async function streaming(settings?: Settings): Promise<ReturnType<typeof start>> {
  const started = start({ ...settings, streams: true });
  await settle();
  return started;
}

function nameAndVersion(object: KubeObject): string {
  if (object.metadata.resourceVersion === "unreadable") throw new Error("unreadable");
  return `${object.metadata.name}:${object.metadata.resourceVersion}`;
}

export function describeChange(change: Change<string>): string {
  if (change.type === "added") return `added ${change.object}`;
  if (change.type === "deleted") return `deleted ${change.old}`;
  return `updated ${change.old} → ${change.object}`;
}

export function names(copy: LocalCopy<string>): string[] {
  return [...copy.values()].sort();
}

export function pod(name: string, resourceVersion: string, uid = `uid-${name}`): KubeObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { namespace: "ns-1", name, uid, resourceVersion } };
}

export function page(resourceVersion: string, items: readonly KubeObject[], next?: string): ObjectList<KubeObject> {
  return { resourceVersion, items, ...(next ? { continue: next } : {}) };
}

interface OpenWatch {
  readonly options: WatchOptions;
  readonly queue: (WatchEvent<KubeObject> | Error | "close")[];
  wake: () => void;
}

/** A server whose every answer the test gives by hand: what no real server does on demand. */
class ScriptedCluster {
  readonly lists: ListOptions[] = [];
  readonly watches: OpenWatch[] = [];
  readonly #streams: boolean;
  #answer: ((outcome: ObjectList<KubeObject> | Error) => void) | undefined;
  #waiting: (ObjectList<KubeObject> | Error)[] = [];

  constructor(streams: boolean) {
    this.#streams = streams;
  }

  list(_type: unknown, options: ListOptions): Promise<ObjectList<KubeObject>> {
    this.lists.push(options);
    return new Promise((resolve, reject) => {
      this.#answer = (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
      const ready = this.#waiting.shift();
      if (ready) this.#deliver(ready);
    });
  }

  async *watch(_type: unknown, options: WatchOptions): AsyncIterable<WatchEvent<KubeObject>> {
    if (options.sendInitialEvents && !this.#streams) {
      throw new ClusterError(
        "invalid",
        "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
      );
    }
    const open: OpenWatch = { options, queue: [], wake: () => {} };
    this.watches.push(open);
    options.signal.addEventListener("abort", () => {
      open.queue.push("close");
      open.wake();
    });
    for (;;) {
      const item = open.queue.shift();
      if (item === "close") return;
      if (item instanceof Error) throw item;
      if (item) yield item;
      else await new Promise<void>((resolve) => (open.wake = resolve));
    }
  }

  answerList(list: ObjectList<KubeObject>): void {
    this.#deliver(list);
  }

  failList(error: Error): void {
    this.#deliver(error);
  }

  send(event: WatchEvent<KubeObject>): void {
    this.#push(event);
  }

  failWatch(error: Error): void {
    this.#push(error);
  }

  close(): void {
    this.#push("close");
  }

  #push(item: WatchEvent<KubeObject> | Error | "close"): void {
    const open = this.watches.at(-1);
    open?.queue.push(item);
    open?.wake();
  }

  #deliver(outcome: ObjectList<KubeObject> | Error): void {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer) answer(outcome);
    else this.#waiting.push(outcome);
  }
}
