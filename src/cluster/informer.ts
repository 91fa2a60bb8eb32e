import type { KubeObject } from "../core/kube/object.ts";
import { unreachable } from "../core/result.ts";
import { backOffMs } from "./backOff.ts";
import type { Cluster, ListOptions } from "./cluster.ts";
import { isClusterError } from "./clusterError.ts";
import { CopyStore, type StagedCopy } from "./copyStore.ts";
import { type Environment, sleep } from "./environment.ts";
import type { LocalCopy, Transform } from "./localCopy.ts";
import { OpenWatch } from "./openWatch.ts";
import type { ResourceType } from "./resource.ts";
import { isNewerVersion } from "./resourceVersion.ts";

export interface InformerOptions<W extends KubeObject, T> {
  readonly cluster: Cluster;
  readonly type: ResourceType;
  readonly transform: Transform<W, T>;
  readonly environment: Environment;
  /** Stops the informer; the copy stays readable as it was. */
  readonly signal: AbortSignal;
  /** Which part of the kind is copied, and of each object; everything when left out. */
  readonly listOptions?: Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector" | "sparse">;
  readonly pageSize?: number;
  /** Whenever the server tells something, be it only that nothing has changed. */
  readonly onHeard?: ((type: ResourceType) => void) | undefined;
}

/**
 * Where the informer stands, with what it needs there.
 *
 * The first state comes as a stream that goes on as the watch (`streaming`), or page by page (`listing`) from servers that cannot do that
 * and on bad lines; the old copy stays readable until the new one is complete. Watching follows from the version seen last. A version too
 * old (410) leads back to the beginning, and what vanished meanwhile is told as deleted. Any other failure is waited out.
 */
type State<W extends KubeObject, T> =
  | ({ readonly at: "streaming"; readonly staged: StagedCopy<T> } & Course)
  | ({ readonly at: "listing"; readonly staged: StagedCopy<T>; readonly page?: string } & Course)
  | ({ readonly at: "watching"; readonly resourceVersion: string; readonly watch?: OpenWatch<W> } & Course)
  | { readonly at: "waiting"; readonly delayMs: number; readonly next: State<W, T> }
  | { readonly at: "stopped" };

/** What is known of the cluster from earlier attempts. */
interface Course {
  /** In a row. */
  readonly failures: number;
  /** The server does not stream states. */
  readonly onlyLists: boolean;
}

type At<W extends KubeObject, T, K extends State<W, T>["at"]> = State<W, T> & { readonly at: K };

const PAGE_SIZE = 500;
const HEALTHY_MS = 120_000;
const QUIET_RECONNECT_MS = 1_000;
/** How long a stream may take to tell the whole state. Old servers answer with a watch that never says that it is complete. */
const COMPLETE_WITHIN_MS = 30_000;
/** After so many failures the small steps of a list are taken: they get through where a long answer does not. */
const STREAM_ATTEMPTS = 2;

/** Lists, then watches, for as long as the signal lets it; no failure of the cluster and no throwing listener ends it. */
export function startInformer<W extends KubeObject, T>(options: InformerOptions<W, T>): LocalCopy<T> {
  const store = new CopyStore<W, T>(options.transform, (message, error) =>
    options.environment.log("error", message, { resource: options.type.plural, error: messageOf(error) }),
  );
  void new Informer(options, store).run();
  return store;
}

class Informer<W extends KubeObject, T> {
  readonly #options: InformerOptions<W, T>;
  readonly #store: CopyStore<W, T>;

  constructor(options: InformerOptions<W, T>, store: CopyStore<W, T>) {
    this.#options = options;
    this.#store = store;
  }

  async run(): Promise<void> {
    let state: State<W, T> = this.#fromTheBeginning({ failures: 0, onlyLists: false });
    while (state.at !== "stopped") state = await this.#next(state);
    this.#store.stop();
  }

  async #next(state: State<W, T>): Promise<State<W, T>> {
    const { signal, environment } = this.#options;
    if (signal.aborted) {
      if (state.at === "watching") state.watch?.close();
      return { at: "stopped" };
    }
    switch (state.at) {
      case "streaming":
        return this.#stream(state);
      case "listing":
        return this.#listPage(state);
      case "watching":
        return this.#follow(state);
      case "waiting":
        return sleep(environment.clock, state.delayMs, signal).then(() => state.next);
      case "stopped":
        return state;
      default:
        return unreachable(state);
    }
  }

  /** Takes the state as events up to the bookmark that closes it; the same connection then goes on as the watch. */
  async #stream(state: At<W, T, "streaming">): Promise<State<W, T>> {
    const watch = this.#open({ sendInitialEvents: true });
    watch.cutAfter(COMPLETE_WITHIN_MS);
    try {
      for (let event = await watch.next(); event; event = await watch.next()) {
        this.#options.onHeard?.(this.#options.type);
        if (event.type !== "BOOKMARK") {
          this.#store.addTo(state.staged, event.object, event.type);
        } else if (event.initialEventsEnd) {
          watch.keepOpen();
          this.#store.replace(state.staged);
          return { ...courseOf(state), at: "watching", resourceVersion: event.resourceVersion, watch };
        }
        if (this.#options.signal.aborted) break;
      }
    } catch (error) {
      watch.close();
      if (isClusterError(error, "badRequest", "forbidden", "invalid")) return this.#listInstead(state, error.message);
      return this.#afterFailure(error, this.#fromTheBeginning(failed(state)));
    }
    watch.close();
    if (watch.overdue) return this.#listInstead(state, "the initial state was not complete in time");
    const cut = new Error("the watch ended before the initial state was complete");
    return this.#afterFailure(cut, this.#fromTheBeginning(failed(state)));
  }

  async #listPage(state: At<W, T, "listing">): Promise<State<W, T>> {
    const { cluster, type, listOptions, pageSize = PAGE_SIZE, signal } = this.#options;
    try {
      const page = state.page ? { continue: state.page } : {};
      const list = await cluster.list<W>(type, { ...listOptions, limit: pageSize, ...page });
      if (signal.aborted) return { at: "stopped" };
      this.#options.onHeard?.(type);
      for (const object of list.items) this.#store.addTo(state.staged, object);
      if (list.continue) return { ...state, page: list.continue };
      this.#store.replace(state.staged);
      return { ...courseOf(state), at: "watching", resourceVersion: list.resourceVersion };
    } catch (error) {
      // The pages of one list are bound to one version; when that has expired, its remaining pages cannot be had.
      const again = failed(state);
      return this.#afterFailure(error, isClusterError(error, "gone") ? this.#fromTheBeginning(again) : again);
    }
  }

  async #follow(state: At<W, T, "watching">): Promise<State<W, T>> {
    const watch = state.watch ?? this.#open({ resourceVersion: state.resourceVersion });
    let { resourceVersion } = state;
    const reached = (): At<W, T, "watching"> => ({
      at: "watching",
      resourceVersion,
      onlyLists: state.onlyLists,
      failures: watch.ageMs >= HEALTHY_MS ? 0 : state.failures,
    });
    try {
      for (let event = await watch.next(); event; event = await watch.next()) {
        if (this.#options.signal.aborted) break;
        this.#options.onHeard?.(this.#options.type);
        const version = event.type === "BOOKMARK" ? event.resourceVersion : event.object.metadata.resourceVersion;
        // What a server tells again after a reconnect is known, and must not turn the copy back.
        if (!isNewerVersion(version, resourceVersion)) continue;
        if (event.type !== "BOOKMARK") this.#store.apply(event.type, event.object);
        resourceVersion = version;
      }
    } catch (error) {
      const again = failed(reached());
      return this.#afterFailure(error, isClusterError(error, "gone") ? this.#fromTheBeginning(again) : again);
    } finally {
      watch.close();
    }
    if (resourceVersion !== state.resourceVersion) return reached();
    return { at: "waiting", delayMs: Math.max(0, QUIET_RECONNECT_MS - watch.ageMs), next: reached() };
  }

  #open(start: { readonly resourceVersion: string } | { readonly sendInitialEvents: true }): OpenWatch<W> {
    const { cluster, type, environment, signal, listOptions } = this.#options;
    return new OpenWatch({ cluster, type, environment, signal, start: { ...listOptions, ...start } });
  }

  #fromTheBeginning({ failures, onlyLists }: Course): At<W, T, "streaming" | "listing"> {
    const at = onlyLists || failures >= STREAM_ATTEMPTS ? "listing" : "streaming";
    return { at, staged: this.#store.stage(), failures, onlyLists };
  }

  #listInstead({ failures }: Course, reason: string): State<W, T> {
    const { type, environment } = this.#options;
    environment.log("debug", "the server does not stream its state, listing it instead", {
      resource: type.plural,
      reason,
    });
    return this.#fromTheBeginning({ failures, onlyLists: true });
  }

  /** A first 410 is begun again at once; everything else is waited out, longer each time. */
  #afterFailure(error: unknown, retry: At<W, T, "streaming" | "listing" | "watching">): State<W, T> {
    const { type, environment, signal } = this.#options;
    if (signal.aborted) return { at: "stopped" };
    if (isClusterError(error, "gone") && retry.failures === 1) return retry;
    const delayMs = backOffMs(error, retry.failures, environment.random());
    environment.log("warn", `${retry.at} failed, trying again`, {
      resource: type.plural,
      error: messageOf(error),
      delayMs: Math.round(delayMs),
    });
    return { at: "waiting", delayMs, next: retry };
  }
}

function failed<S extends Course>(state: S): S {
  return { ...state, failures: state.failures + 1 };
}

function courseOf({ failures, onlyLists }: Course): Course {
  return { failures, onlyLists };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
