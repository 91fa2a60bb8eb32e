import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import type { Environment } from "../../cluster/environment.ts";
import { EVENTS } from "../../cluster/resource.ts";
import type { KubeObject } from "../../core/kube/object.ts";

/** How long a real API server keeps an event after it was last written. */
const KEPT_MS = 3_600_000;
const SWEEP_EVERY_MS = 60_000;

interface Event extends KubeObject {
  readonly lastTimestamp?: string | null;
}

export interface EventExpiryOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

/** Forgets events an hour after they were last told. */
export function startEventExpiry({ cluster, environment, signal }: EventExpiryOptions): void {
  const { clock } = environment;
  let cancel = (): void => {};
  const sweep = async (): Promise<void> => {
    try {
      const { items } = await cluster.list<Event>(EVENTS);
      const old = items.filter((event) => lastTold(event) < clock.now() - KEPT_MS);
      for (const { metadata } of old)
        await cluster.delete(EVENTS, { namespace: metadata.namespace!, name: metadata.name! });
    } catch (error) {
      // Somebody else took it, or the next sweep finds it again.
      if (!isClusterError(error, "notFound"))
        environment.log("debug", "events were not swept", { error: String(error) });
    }
    wait();
  };
  const wait = (): void => {
    if (!signal.aborted) cancel = clock.after(SWEEP_EVERY_MS, () => void sweep());
  };
  signal.addEventListener("abort", () => cancel(), { once: true });
  wait();
}

function lastTold({ metadata, lastTimestamp }: Event): number {
  return Date.parse(lastTimestamp ?? metadata.creationTimestamp ?? "") || 0;
}
