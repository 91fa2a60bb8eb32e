import type { Registry } from "prom-client";
import type { SetState } from "../../../controller/setState.ts";
import { maxUnavailableOf } from "../../../core/rollout/budget.ts";
import type { SidecarContainer, SidecarSet } from "../../../core/sidecarSet/sidecarSet.ts";
import { type Sample, sampledGauge } from "./sampledGauge.ts";

/** The metrics of kruise-state-metrics about SidecarSets, under its names: what the object says, word for word. */
export function registerOriginalMetrics(registry: Registry, states: () => Iterable<SetState>): void {
  for (const { name, help, read } of [...NUMBERS, ...FACTS]) {
    sampledGauge(registry, {
      name: `kruise_sidecarset_${name}`,
      help,
      *read() {
        for (const { set } of states()) {
          for (const { labels, value } of read(set)) yield { labels: { sidecarset: set.name, ...labels }, value };
        }
      },
    });
  }
}

interface OriginalMetric {
  readonly name: string;
  readonly help: string;
  readonly read: (set: SidecarSet) => readonly Sample[];
}

const NUMBERS: readonly OriginalMetric[] = [
  number("created", "When it was created, in seconds since the epoch.", ({ createdAt }) =>
    createdAt === undefined ? undefined : createdAt / 1000,
  ),
  number("status_replicas_matched", "Pods that carry its sidecars.", ({ status }) => status.matchedPods ?? 0),
  number("status_replicas_updated", "Those of the newest revision.", ({ status }) => status.updatedPods ?? 0),
  number("status_replicas_ready", "Those that are available.", ({ status }) => status.readyPods ?? 0),
  number(
    "status_replicas_updated_ready",
    "Those of the newest revision that are available.",
    ({ status }) => status.updatedReadyPods ?? 0,
  ),
  number(
    "status_observed_generation",
    "The generation that its status tells of.",
    ({ status }) => status.observedGeneration ?? 0,
  ),
  number("spec_metadata_generation", "The generation of its spec.", ({ generation }) => generation),
  number(
    "spec_strategy_rollingupdate_max_unavailable",
    "How many of its pods may be unavailable at once, rounded up as rollouts do.",
    ({ spec, status }) => {
      const limit = maxUnavailableOf(spec.updateStrategy.maxUnavailable, status.matchedPods ?? 0);
      return limit.ok ? limit.value : undefined;
    },
  ),
];

const FACTS: readonly OriginalMetric[] = [
  {
    name: "labels",
    help: "Its labels, as label_NAME.",
    read: ({ labels }) => {
      const named = Object.entries(labels).map(([name, value]) => [`label_${name.replace(/\W/g, "_")}`, value]);
      return [{ labels: Object.fromEntries(named), value: 1 }];
    },
  },
  fact("spec_namespcace", "namespace", "The one namespace of its pods; empty: chosen by labels, or all.", namespaceOf),
  fact("spec_strategy_type", "strategy_type", "How it is updated.", ({ spec }) => spec.updateStrategy.type),
  fact("spec_strategy_partition", "partition", "How many pods keep the old revision, as it is written.", ({ spec }) =>
    String(spec.updateStrategy.partition),
  ),
  perContainer("injectpolicy", "injectpolicy", (container) => container.podInjectPolicy),
  perContainer("strategy_type", "strategy_type", (container) => container.upgradeStrategy.upgradeType),
  perContainer(
    "strategy_hotupgradeemptyimage",
    "hotupgradeemptyimage",
    (container) => container.upgradeStrategy.hotUpgradeEmptyImage ?? "",
  ),
  perContainer("volumepolicy", "volumepolicy", (container) => container.shareVolumePolicy.type),
];

function number(name: string, help: string, read: (set: SidecarSet) => number | undefined): OriginalMetric {
  return {
    name,
    help,
    read: (set) => {
      const value = read(set);
      return value === undefined ? [] : [{ value }];
    },
  };
}

function fact(name: string, label: string, help: string, read: (set: SidecarSet) => string): OriginalMetric {
  return { name, help, read: (set) => [{ labels: { [label]: read(set) }, value: 1 }] };
}

/** Containers of one set that say the same are one sample: a scrape may not have it twice. */
function perContainer(name: string, label: string, read: (container: SidecarContainer) => string): OriginalMetric {
  return {
    name: `spec_containers_${name}`,
    help: `What its containers say of ${label}; 1 for each different answer.`,
    read: ({ spec }) =>
      [...new Set((spec.containers ?? []).map(read))].map((text) => ({ labels: { [label]: text }, value: 1 })),
  };
}

/** In the words of the older API version: a selector of exactly one name. */
function namespaceOf({ spec: { namespaceSelector } }: SidecarSet): string {
  const { matchLabels = {}, matchExpressions = [] } = namespaceSelector ?? {};
  const [only, ...others] = Object.entries(matchLabels);
  if (only === undefined || others.length > 0 || matchExpressions.length > 0) return "";
  return only[0] === "kubernetes.io/metadata.name" ? only[1] : "";
}
