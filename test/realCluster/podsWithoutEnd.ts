import type { Pod } from "../../src/core/kube/pod.ts";

/** Somebody who creates pods all the time, and notes each that is refused. */
export interface PodsWithoutEnd {
  /** Since the start: created, and of them those with the sidecar. */
  readonly created: number;
  readonly injected: number;
  readonly refused: readonly string[];
  /** Pods that have got an answer, whichever. */
  readonly answered: number;
  /** Settles when the last answer is there. */
  stop(): Promise<void>;
}

const PAUSE_MS = 20;

/** @param create one pod, as the API server answers it */
export function startPodsWithoutEnd(create: () => Promise<Pod>, sidecar: string): PodsWithoutEnd {
  const count = {
    created: 0,
    injected: 0,
    refused: [] as string[],
    get answered() {
      return this.created + this.refused.length;
    },
  };
  let going = true;
  const ended = (async () => {
    while (going) {
      try {
        const { spec } = await create();
        count.created++;
        if (spec.containers.some(({ name }) => name === sidecar)) count.injected++;
      } catch (error) {
        count.refused.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  })();
  const stop = async (): Promise<void> => {
    going = false;
    await ended;
  };
  return Object.assign(count, { stop });
}
