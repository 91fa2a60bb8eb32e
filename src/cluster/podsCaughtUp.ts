import type { Pod } from "../core/kube/pod.ts";
import type { PodRecord } from "../core/pod/podRecord.ts";
import type { Cluster, ListOptions } from "./cluster.ts";
import { type Clock, sleep } from "./environment.ts";
import type { LocalCopy } from "./localCopy.ts";
import { PODS } from "./resource.ts";

export interface CatchUp {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const PAGE_SIZE = 500;
/** Then the list is asked for again: what is missed may have been deleted meanwhile. */
const PATIENCE_MS = 2_000;

/**
 * Settles when the copy shows every pod at least as new as the API server has it now. Whoever begins to lead needs that: the last
 * writes of the leader before may not have come on our watch yet, and a budget would be spent twice. Rejects with a ClusterError.
 */
export async function podsCaughtUp(copy: LocalCopy<PodRecord>, options: CatchUp): Promise<void> {
  while (!options.signal.aborted) {
    const missed = await missedPods(copy, options.cluster);
    if (missed.size === 0 || (await come(missed, copy, options))) return;
  }
}

/** What the API server has newer: key to version. */
async function missedPods(copy: LocalCopy<PodRecord>, cluster: Cluster): Promise<Map<string, bigint>> {
  const missed = new Map<string, bigint>();
  let page: Pick<ListOptions, "continue"> = {};
  do {
    const list = await cluster.list<Pod>(PODS, { limit: PAGE_SIZE, ...page });
    for (const { metadata } of list.items) {
      const { namespace = "", name = "" } = metadata;
      const version = BigInt(metadata.resourceVersion ?? 0);
      if (versionIn(copy, namespace, name) < version) missed.set(`${namespace}/${name}`, version);
    }
    page = list.continue ? { continue: list.continue } : {};
  } while (page.continue);
  return missed;
}

/** @returns whether all of them came before our patience ended */
async function come(missed: Map<string, bigint>, copy: LocalCopy<PodRecord>, options: CatchUp): Promise<boolean> {
  const done = new AbortController();
  const look = (): void => {
    for (const [key, version] of missed) {
      const [namespace = "", name = ""] = key.split("/");
      if (versionIn(copy, namespace, name) >= version) missed.delete(key);
    }
    if (missed.size === 0) done.abort();
  };
  const unsubscribe = copy.subscribe(look);
  look();
  await sleep(options.clock, PATIENCE_MS, AbortSignal.any([done.signal, options.signal]));
  unsubscribe();
  return done.signal.aborted;
}

function versionIn(copy: LocalCopy<PodRecord>, namespace: string, name: string): bigint {
  return BigInt(copy.get({ namespace, name })?.resourceVersion || -1);
}
