import type { Cluster, WatchEvent, WatchOptions } from "../../src/cluster/cluster.ts";
import { ClusterError } from "../../src/cluster/clusterError.ts";
import { type Clock, sleep } from "../../src/cluster/environment.ts";
import { PODS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";

/** A cluster on a bad line: writes to pods may be refused, and what the watch of pods tells may come late or not at all. */
export class FaultyView {
  readonly cluster: Cluster;
  /** Writes to pods and their status that have been asked for: `ns-1/web-00`. */
  readonly podWrites: string[] = [];
  readonly #clock: Clock;
  readonly #openWatches = new Set<(error: ClusterError) => void>();
  #refuses: (pod: string) => string | false = () => false;
  #lateMs = 0;
  #slow = { toTakeMs: 0, toAnswerMs: 0 };
  #broken = false;
  #losesAnswers = false;

  constructor(real: Cluster, clock: Clock) {
    this.#clock = clock;
    this.cluster = {
      ...real,
      patch: async (type, name, patch, options) => {
        const pod = `${name.namespace}/${name.name}`;
        if (type === PODS) this.podWrites.push(pod);
        const refusal = type === PODS ? this.#refuses(pod) : false;
        if (refusal) throw new ClusterError(refusal === "conflict" ? "conflict" : "forbidden", refusal);
        if (type === PODS) await sleep(this.#clock, this.#slow.toTakeMs);
        const answer = real.patch<never>(type, name, patch, options);
        if (type === PODS) await Promise.allSettled([answer, sleep(this.#clock, this.#slow.toAnswerMs)]);
        if (type === PODS && this.#losesAnswers) throw unreachable();
        return answer;
      },
      list: async (type, options) => {
        if (type === PODS) this.#assertReachable();
        return real.list(type, options);
      },
      watch: (type, options) =>
        type === PODS ? this.#watchPods(real.watch(type, options), options) : real.watch(type, options),
    };
  }

  /** From here on the API server refuses writes to some pods, for the reason given. */
  refuse(reasonFor: (pod: string) => string | false): void {
    this.#refuses = reasonFor;
  }

  /** From here on the API server takes so long until it carries out a write to a pod, and then until it answers. */
  slowPodWrites(slow: { readonly toTakeMs: number; readonly toAnswerMs: number }): void {
    this.#slow = slow;
  }

  /** From here on writes to pods are carried out, and nobody gets to know it, until they are answered again. */
  loseAnswers(loses = true): void {
    this.#losesAnswers = loses;
  }

  /** From here on events of pods come so much later; the state that a watch begins with is told at once, as a list is. */
  delayPods(lateMs: number): void {
    this.#lateMs = lateMs;
  }

  /** Ends the watch of pods and lets nobody list or watch them, until it is mended. */
  breakPods(): void {
    this.#broken = true;
    for (const fail of this.#openWatches) fail(unreachable());
  }

  mendPods(): void {
    this.#broken = false;
  }

  #assertReachable(): void {
    if (this.#broken) throw unreachable();
  }

  #watchPods<T extends KubeObject>(
    events: AsyncIterable<WatchEvent<T>>,
    asked: WatchOptions,
  ): AsyncIterable<WatchEvent<T>> {
    return new ReadableStream<WatchEvent<T>>({
      start: (stream) => {
        if (this.#broken) return stream.error(unreachable());
        const fail = (error: ClusterError): void => stream.error(error);
        this.#openWatches.add(fail);
        void this.#deliver(events, asked, stream).finally(() => this.#openWatches.delete(fail));
      },
    });
  }

  async #deliver<T extends KubeObject>(
    events: AsyncIterable<WatchEvent<T>>,
    asked: WatchOptions,
    stream: ReadableStreamDefaultController<WatchEvent<T>>,
  ): Promise<void> {
    let lastAt = 0;
    let complete = !asked.sendInitialEvents;
    const inTime = (step: () => void): void => {
      lastAt = Math.max(lastAt, this.#clock.now() + (complete ? this.#lateMs : 0));
      if (lastAt <= this.#clock.now()) ignoringClosed(step);
      else this.#clock.after(lastAt - this.#clock.now(), () => ignoringClosed(step));
    };
    try {
      for await (const event of events) {
        inTime(() => stream.enqueue(event));
        complete ||= event.type === "BOOKMARK" && event.initialEventsEnd === true;
      }
      inTime(() => stream.close());
    } catch (error) {
      inTime(() => stream.error(error));
    }
  }
}

function unreachable(): ClusterError {
  return new ClusterError("unavailable", "the line is broken");
}

/** The reader has gone, or the watch was broken meanwhile. */
function ignoringClosed(step: () => void): void {
  try {
    step();
  } catch {
    // Nobody listens any more.
  }
}
