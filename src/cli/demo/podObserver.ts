import type { Cluster } from "../../cluster/cluster.ts";
import type { Environment } from "../../cluster/environment.ts";
import { startInformer } from "../../cluster/informer.ts";
import { PODS } from "../../cluster/resource.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { type Observation, Observer, type Watched } from "./observer.ts";

/** Watches pods through the API and keeps what an {@link Observer} makes of them. */
export interface PodObserver {
  observation(): Observation;
  /** The pods as the API shows them now. */
  pods(): readonly Pod[];
  startCounting(): void;
  subscribe(listener: () => void): () => void;
  /** Resolves once the condition holds; rejects when it does not within `patienceMs`, or when the story is interrupted. */
  until(what: string, condition: () => boolean, patienceMs: number): Promise<void>;
}

export interface PodObserverInput extends Watched {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly namespace: string;
  readonly labelSelector: string;
}

export async function startPodObserver(input: PodObserverInput): Promise<PodObserver> {
  const { environment, signal } = input;
  const listeners = new Set<() => void>();
  const observer = new Observer(input);
  const copy = startInformer<Pod, Pod>({
    cluster: input.cluster,
    type: PODS,
    transform: (pod) => pod,
    environment,
    signal,
    listOptions: { namespace: input.namespace, labelSelector: input.labelSelector },
  });
  copy.subscribe((change) => {
    if (change.type === "deleted") observer.see("deleted", change.old);
    else observer.see("seen", change.object);
    for (const listener of listeners) listener();
  });
  await copy.synced;

  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    observation: () => observer,
    pods: () => [...copy.values()],
    startCounting: () => observer.startCounting(),
    subscribe,
    until: (what, condition, patienceMs) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error): void => {
          unsubscribe();
          cancel();
          signal.removeEventListener("abort", interrupted);
          if (error) reject(error);
          else resolve();
        };
        const interrupted = (): void => end(new Error("interrupted"));
        const check = (): void => {
          if (condition()) end();
        };
        const unsubscribe = subscribe(check);
        const cancel = environment.clock.after(patienceMs, () =>
          end(new Error(`after ${patienceMs / 1000} s still not: ${what}`)),
        );
        signal.addEventListener("abort", interrupted, { once: true });
        if (signal.aborted) interrupted();
        else check();
      }),
  };
}
