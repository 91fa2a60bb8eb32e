import type { KubeObject } from "../core/kube/object.ts";
import { unreachable } from "../core/result.ts";
import type { Cluster, ListOptions } from "./cluster.ts";
import { isClusterError } from "./clusterError.ts";
import { CopyStore, type StagedCopy } from "./copyStore.ts";
import { type Environment, sleep } from "./environment.ts";
import type { LocalCopy, Transform } from "./localCopy.ts";
import type { ResourceType } from "./resource.ts";

export interface InformerOptions<W extends KubeObject, T> {
  readonly cluster: Cluster;
  readonly type: ResourceType;
  readonly transform: Transform<W, T>;
  readonly environment: Environment;
  /** Stops the informer; the copy stays readable as it was. */
  readonly signal: AbortSignal;
  /** Which part of the kind is copied; everything when left out. */
  readonly listOptions?: Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector">;
  readonly pageSize?: number;
}

/**
 * Where the informer stands, with what it needs there.
 *
 * Listing goes page by page and keeps the old copy readable until the last page; watching follows from the version seen last.
 * A version too old (410) leads back to listing, and what vanished meanwhile is told as deleted. Any other failure is waited out.
 */
type State<T> =
  | { readonly at: "listing"; readonly staged: StagedCopy<T>; readonly page?: string; readonly failures: number }
  | { readonly at: "watching"; readonly resourceVersion: string; readonly failures: number }
  | { readonly at: "waiting"; readonly delayMs: number; readonly next: State<T> }
  | { readonly at: "stopped" };

const PAGE_SIZE = 500;
const BACK_OFF_MS = { shortest: 800, longest: 30_000 };
const HEALTHY_MS = 120_000;
const QUIET_RECONNECT_MS = 1_000;
const WATCH_SECONDS = { shortest: 300, longest: 600 };
/** How much longer than it promised a server may keep a watch open before we take the connection for dead. */
const WATCH_GRACE_MS = 15_000;

/** Lists, then watches, for as long as the signal lets it; no failure of the cluster and no throwing listener ends it. */
export function startInformer<W extends KubeObject, T>(options: InformerOptions<W, T>): LocalCopy<T> {
  const store = new CopyStore<W, T>(options.transform, (message, error) =>
    options.environment.log("error", message, { resource: options.type.plural, error: messageOf(error) }),
  );
  void run(options, store);
  return store;
}

async function run<W extends KubeObject, T>(options: InformerOptions<W, T>, store: CopyStore<W, T>): Promise<void> {
  let state: State<T> = { at: "listing", staged: store.stage(), failures: 0 };
  while (state.at !== "stopped") {
    state = options.signal.aborted ? { at: "stopped" } : await next(state, options, store);
  }
  store.stop();
}

function next<W extends KubeObject, T>(
  state: State<T>,
  options: InformerOptions<W, T>,
  store: CopyStore<W, T>,
): Promise<State<T>> | State<T> {
  switch (state.at) {
    case "listing":
      return listPage(state, options, store);
    case "watching":
      return follow(state, options, store);
    case "waiting":
      return sleep(options.environment.clock, state.delayMs, options.signal).then(() => state.next);
    case "stopped":
      return state;
    default:
      return unreachable(state);
  }
}

async function listPage<W extends KubeObject, T>(
  state: State<T> & { at: "listing" },
  options: InformerOptions<W, T>,
  store: CopyStore<W, T>,
): Promise<State<T>> {
  try {
    const list = await options.cluster.list<W>(options.type, {
      ...options.listOptions,
      limit: options.pageSize ?? PAGE_SIZE,
      ...(state.page ? { continue: state.page } : {}),
    });
    if (options.signal.aborted) return { at: "stopped" };
    for (const object of list.items) store.addTo(state.staged, object);
    if (list.continue) return { ...state, page: list.continue };
    store.replace(state.staged);
    return { at: "watching", resourceVersion: list.resourceVersion, failures: state.failures };
  } catch (error) {
    if (options.signal.aborted) return { at: "stopped" };
    // The pages of one list are bound to one version; when that has expired, its remaining pages cannot be had.
    if (isClusterError(error, "gone")) return afterFailure(error, freshList(store, state.failures), options);
    return afterFailure(error, state, options);
  }
}

async function follow<W extends KubeObject, T>(
  state: State<T> & { at: "watching" },
  options: InformerOptions<W, T>,
  store: CopyStore<W, T>,
): Promise<State<T>> {
  const { clock, random } = options.environment;
  const startedAt = clock.now();
  const timeoutSeconds = Math.round(between(WATCH_SECONDS, random()));
  const connection = connectionSignal(options, timeoutSeconds * 1000 + WATCH_GRACE_MS);
  let resourceVersion = state.resourceVersion;
  let arrived = false;
  const failures = (): number => (clock.now() - startedAt >= HEALTHY_MS ? 0 : state.failures);
  try {
    const watchOptions = { ...options.listOptions, resourceVersion, timeoutSeconds, signal: connection.signal };
    for await (const event of options.cluster.watch<W>(options.type, watchOptions)) {
      if (options.signal.aborted) break;
      arrived = true;
      if (event.type === "BOOKMARK") {
        resourceVersion = event.resourceVersion;
        continue;
      }
      store.apply(event.type, event.object);
      resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion;
    }
  } catch (error) {
    if (options.signal.aborted) return { at: "stopped" };
    if (isClusterError(error, "gone")) return afterFailure(error, freshList(store, failures()), options);
    return afterFailure(error, { at: "watching", resourceVersion, failures: failures() }, options);
  } finally {
    connection.release();
  }
  const again: State<T> = { at: "watching", resourceVersion, failures: failures() };
  if (arrived) return again;
  return { at: "waiting", delayMs: Math.max(0, startedAt + QUIET_RECONNECT_MS - clock.now()), next: again };
}

function freshList<W extends KubeObject, T>(store: CopyStore<W, T>, failures: number): State<T> & { at: "listing" } {
  return { at: "listing", staged: store.stage(), failures };
}

/** A first 410 is listed again at once; everything else is waited out, longer each time. */
function afterFailure<W extends KubeObject, T>(
  error: unknown,
  retry: State<T> & { at: "listing" | "watching" },
  { type, environment }: InformerOptions<W, T>,
): State<T> {
  const again: State<T> = { ...retry, failures: retry.failures + 1 };
  if (isClusterError(error, "gone") && retry.failures === 0) return again;
  const delayMs = delayAfter(error, again.failures, environment.random());
  environment.log("warn", `${retry.at} failed, trying again`, {
    resource: type.plural,
    error: messageOf(error),
    delayMs: Math.round(delayMs),
  });
  return { at: "waiting", delayMs, next: again };
}

function delayAfter(error: unknown, failures: number, fraction: number): number {
  if (isClusterError(error) && error.retryAfterSeconds) return error.retryAfterSeconds * 1000;
  const { shortest, longest } = BACK_OFF_MS;
  return between({ shortest, longest: Math.min(longest, shortest * 2 ** failures) }, fraction);
}

function between({ shortest, longest }: { shortest: number; longest: number }, fraction: number): number {
  return shortest + (longest - shortest) * fraction;
}

/** Ends with the informer, or when a server keeps silent beyond the end it promised (a half-open connection). */
function connectionSignal(
  { signal, environment }: Pick<InformerOptions<never, never>, "signal" | "environment">,
  deadlineMs: number,
): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const cancelDeadline = environment.clock.after(deadlineMs, abort);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  return {
    signal: controller.signal,
    release() {
      cancelDeadline();
      signal.removeEventListener("abort", abort);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
