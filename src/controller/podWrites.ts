import { between, type Span } from "../cluster/backOff.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { isClusterError } from "../cluster/clusterError.ts";
import { type Environment, sleep } from "../cluster/environment.ts";
import type { RolloutCopies } from "../cluster/gatherSnapshot.ts";
import { PODS } from "../cluster/resource.ts";
import type { Pod } from "../core/kube/pod.ts";
import { type PodName, type PodRecord, podKey, podRecord } from "../core/pod/podRecord.ts";
import type { PodAction } from "../core/rollout/rolloutPlan.ts";
import { CurrentView } from "./currentView.ts";
import { isRefusal } from "./planSteps.ts";
import type { RolloutBooks } from "./rolloutBooks.ts";

export interface PodWritesOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly copies: RolloutCopies;
  /** Asked for when the first pod is entered. */
  readonly books: () => RolloutBooks;
  readonly enqueue: (sidecarSets: readonly string[]) => void;
  readonly signal: AbortSignal;
}

/** A pod whose upgrade was refused is tried again after so long. */
const REFUSED_RETRY_MS = 30_000;
/** What became of a pod is asked for so long after a write without an answer, later after each failure: its budget is held meanwhile. */
const ASK_AFTER_MS: Span = { shortest: 200, longest: 5_000 };

/**
 * Our writes to pods in the books: a pod counts as written from the moment the write is sent, as what the API server has answered until
 * the watch shows it, and as what it was when the write was refused. Where the answer is missing it goes on counting as written until
 * the API server has told what the pod is now.
 */
export class PodWrites {
  readonly view: CurrentView;
  readonly #options: PodWritesOptions;

  constructor(options: PodWritesOptions) {
    this.#options = options;
    this.view = new CurrentView({
      ...options,
      onPodLost: (key) => void this.#reread(podOf(key)),
      onReleased: (key) => this.enter(podOf(key)),
      onUnclear: (key) => void this.#clear(podOf(key)),
    });
  }

  /** Whether one is under way to this pod. */
  isUnderWay(pod: PodName): boolean {
    return this.view.writes.has(podKey(pod));
  }

  sending(action: PodAction): void {
    this.view.writes.begin(action, this.#copiedVersion(action.pod) ?? "");
    this.enter(action.pod);
  }

  carriedOut(object: Pod): void {
    const pod = podRecord(object);
    this.view.writes.end(podKey(pod));
    // The watch may have shown it already, with what became of it since, or that it is gone.
    if (this.#copiedVersion(pod) !== undefined) this.view.notePod(pod);
    this.enter(pod);
  }

  /** Refused, its budget is free again, and where this pod is refused it waits by itself. */
  failed(sidecarSet: string, action: PodAction, error: unknown): void {
    const { pod } = action;
    if (isClusterError(error, "conflict", "notFound")) {
      this.view.writes.conflicted(podKey(pod), this.#copiedVersion(pod));
      return;
    }
    if (isClusterError(error, "unavailable")) {
      this.view.writes.unanswered(podKey(pod));
      return;
    }
    this.view.writes.end(podKey(pod));
    this.enter(pod);
    if (isRefusal({ action, error })) this.#defer(sidecarSet, action, error instanceof Error ? error.message : "");
  }

  /** The watch has shown the pod, or something of ours has happened to it: the books see it as it is now. */
  enter(name: PodName): void {
    const pod = this.view.pod(name);
    if (!pod) return;
    this.#options.enqueue(this.#options.books().podChanged(pod, this.view.namespaceLabels(pod.namespace)));
  }

  #defer(sidecarset: string, { pod, kind }: PodAction, error: string): void {
    const { clock, log } = this.#options.environment;
    const retryInMs = REFUSED_RETRY_MS;
    this.#options
      .books()
      .get(sidecarset)
      ?.defer(pod, clock.now() + retryInMs, error, kind);
    this.#options.enqueue([sidecarset]);
    log("warn", "the pod's upgrade was refused", { sidecarset, pod: podKey(pod), error, retryInMs });
  }

  /**
   * The watch does not show what we wrote. Where the API server does not answer either, it is asked again minutes later; that a pod is
   * gone the watch will tell when it works again.
   */
  async #reread(name: PodName): Promise<void> {
    const pod = await this.#read(name).catch(() => undefined);
    if (!pod || !this.view.isNews(pod)) return;
    this.view.notePod(pod);
    this.enter(pod);
  }

  /** Asks until the API server answers: what it says is newer than the write, whose connection is gone. */
  async #clear(name: PodName): Promise<void> {
    const { clock, random } = this.#options.environment;
    const { signal } = this.#options;
    const key = podKey(name);
    const unclear = this.view.writes.get(key);
    // Its event may come meanwhile, and another write begin.
    const isOver = (): boolean => signal.aborted || this.view.writes.get(key) !== unclear;
    for (let attempt = 1; ; attempt++) {
      const longest = Math.min(ASK_AFTER_MS.longest, ASK_AFTER_MS.shortest * 2 ** attempt);
      await sleep(clock, between({ ...ASK_AFTER_MS, longest }, random()), signal);
      if (isOver()) return;
      try {
        const pod = await this.#read(name);
        if (isOver()) return;
        this.view.writes.end(key);
        if (pod && this.#copiedVersion(name) !== undefined && this.view.isNews(pod)) this.view.notePod(pod);
        return this.enter(name);
      } catch {
        // It does not answer yet.
      }
    }
  }

  /** Undefined: it is gone, which the watch will tell. */
  #read(name: PodName): Promise<PodRecord | undefined> {
    return this.#options.cluster.get<Pod>(PODS, name).then(podRecord, (error: unknown) => {
      if (isClusterError(error, "notFound")) return undefined;
      throw error;
    });
  }

  #copiedVersion({ namespace, name }: PodName): string | undefined {
    return this.#options.copies.pods.get({ namespace, name })?.resourceVersion;
  }
}

function podOf(key: string): PodName {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}
