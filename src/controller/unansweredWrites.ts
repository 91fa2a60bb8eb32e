import type { Clock } from "../cluster/environment.ts";
import { type PodRecord, podKey } from "../core/pod/podRecord.ts";
import { asWritten } from "../core/rollout/asWritten.ts";
import type { PodAction } from "../core/rollout/rolloutPlan.ts";

interface Unanswered {
  readonly action: PodAction;
  /** The version that the copy had when the write was sent. */
  readonly version: string;
  /** The API server has found another pod than we meant: its event is on the way. Cancels the waiting for it. */
  waitsForEvent?: () => void;
}

export interface UnansweredWritesOptions {
  readonly clock: Clock;
  /** The write will not be carried out: the pod is what the copy shows. */
  readonly onReleased: (key: string) => void;
  /** Nobody here knows what the pod is now: the API server has to be asked, and then the write be ended. */
  readonly onUnclear: (key: string) => void;
}

/** After a conflict the pod's own event usually comes first; this is for the case that it came already, or does not come. */
const EVENT_WITHIN_MS = 1000;

/**
 * Writes to pods that are under way, one a pod at most. Until it is known what became of it the pod counts as written, so that a plan
 * made meanwhile does not spend its budget again:
 *
 * - answered: until then;
 * - a conflict, it met another pod than it was made for: until the watch shows that pod, or the API server after a second;
 *   planned before, it would be the same write once more;
 * - no answer (the connection broke, the server failed): it may have been carried out. Until the API server says what the pod is.
 */
export class UnansweredWrites {
  readonly #options: UnansweredWritesOptions;
  readonly #writes = new Map<string, Unanswered>();

  constructor(options: UnansweredWritesOptions) {
    this.#options = options;
  }

  has(key: string): boolean {
    return this.#writes.has(key);
  }

  /** What is being written to the pod. */
  get(key: string): PodAction | undefined {
    return this.#writes.get(key)?.action;
  }

  begin(action: PodAction, version: string): void {
    this.#writes.set(podKey(action.pod), { action, version });
  }

  /** The pod with the write that is under way to it. */
  laidOver(pod: PodRecord): PodRecord {
    const action = this.#writes.get(podKey(pod))?.action;
    return action === undefined || action.kind === "markUpgradable" ? pod : asWritten(pod, action.operations);
  }

  /** It was answered, or the API server has told what the pod is now, or the pod is gone. */
  end(key: string): void {
    this.#writes.get(key)?.waitsForEvent?.();
    this.#writes.delete(key);
  }

  /** @param version that the copy has now */
  conflicted(key: string, version: string | undefined): void {
    const write = this.#writes.get(key);
    if (!write) return;
    if (version !== write.version) this.#release(key);
    else write.waitsForEvent = this.#options.clock.after(EVENT_WITHIN_MS, () => this.#options.onUnclear(key));
  }

  unanswered(key: string): void {
    if (this.#writes.has(key)) this.#options.onUnclear(key);
  }

  /** The watch shows the pod anew. */
  seen(key: string): void {
    if (this.#writes.get(key)?.waitsForEvent) this.end(key);
  }

  stop(): void {
    for (const key of [...this.#writes.keys()]) this.end(key);
  }

  #release(key: string): void {
    this.end(key);
    this.#options.onReleased(key);
  }
}
