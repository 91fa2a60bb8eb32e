import type { Registry } from "prom-client";
import type { Clock } from "../../../cluster/environment.ts";
import type { ResourceType } from "../../../cluster/resource.ts";
import { sampledGauge } from "./sampledGauge.ts";

/**
 * How old our copies may be at worst. A quiet watch is told about once a minute that nothing has changed.
 * @returns to be told whenever the API server has told something of a kind
 */
export function registerWatchMetrics(registry: Registry, clock: Clock): (type: ResourceType) => void {
  const heardAt = new Map<string, number>();
  sampledGauge(registry, {
    name: "sidecarset_watch_lag_seconds",
    help: "Since when the API server has told nothing of a kind, neither a change nor that there is none.",
    *read() {
      for (const [resource, at] of heardAt) yield { labels: { resource }, value: (clock.now() - at) / 1000 };
    },
  });
  return ({ plural }) => heardAt.set(plural, clock.now());
}
