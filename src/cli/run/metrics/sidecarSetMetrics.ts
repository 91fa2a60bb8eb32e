import type { Registry } from "prom-client";
import type { SetState } from "../../../controller/setState.ts";
import type { RolloutStatus } from "../../../core/rollout/status.ts";
import { type Sample, sampledGauge } from "./sampledGauge.ts";

export type States = () => Iterable<SetState>;

/** Where rollouts stand, from the status that each plan computes anyway: a scrape costs a few numbers a set, however many pods there are. */
export function registerSidecarSetMetrics(registry: Registry, states: States): void {
  for (const { name, help, read } of PER_SET) {
    sampledGauge(registry, { name, help, read: () => perSet(states, read) });
  }
  sampledGauge(registry, {
    name: "sidecarset_pods_uncovered",
    help: "Pods without the sidecars of a SidecarSet that selects them, by the reason; a pod counts once for each such SidecarSet.",
    read: () => uncovered(states),
  });
}

const PER_SET: readonly {
  readonly name: string;
  readonly help: string;
  readonly read: (status: RolloutStatus) => readonly Sample[];
}[] = [
  {
    name: "sidecarset_pods",
    help: "Pods of a SidecarSet by what they are; a pod may be several things.",
    read: (status) => Object.entries(POD_STATES).map(([state, count]) => ({ labels: { state }, value: count(status) })),
  },
  {
    name: "sidecarset_pods_waiting",
    help: "Pods of a SidecarSet that wait, are left alone or have no sidecars, by the code of the reason.",
    read: ({ waiting }) => waiting.map(({ code, count }) => ({ labels: { reason: code }, value: count })),
  },
  {
    name: "sidecarset_by_reason",
    help: "1 for the phase and the reason in which the rollout of a SidecarSet stands.",
    read: ({ rollout: { phase, reason } }) => [{ labels: { phase, reason }, value: 1 }],
  },
  {
    name: "sidecarset_budget_used",
    help: "Updated pods of a SidecarSet that are unavailable.",
    read: ({ budget }) => (budget ? [{ value: budget.used }] : []),
  },
  {
    name: "sidecarset_budget_limit",
    help: "How many updated pods of a SidecarSet may be unavailable at once.",
    read: ({ budget }) => (budget ? [{ value: budget.limit }] : []),
  },
];

const POD_STATES: Readonly<Record<string, (status: RolloutStatus) => number>> = {
  selected: ({ selectedPods }) => selectedPods,
  matched: ({ matchedPods }) => matchedPods,
  updated: ({ updatedPods }) => updatedPods,
  ready: ({ readyPods }) => readyPods,
  updated_ready: ({ updatedReadyPods }) => updatedReadyPods,
  held: ({ heldPods }) => heldPods,
  stuck: ({ stuckPods }) => stuckPods,
  drifted: ({ driftedPods }) => driftedPods,
};

function* perSet(states: States, read: (status: RolloutStatus) => readonly Sample[]): Iterable<Sample> {
  for (const { set, status } of states()) {
    if (!status) continue;
    for (const { labels, value } of read(status)) yield { labels: { sidecarset: set.name, ...labels }, value };
  }
}

/** Codes of injection begin with an I. */
function uncovered(states: States): Iterable<Sample> {
  const pods = new Map<string, number>();
  for (const { status } of states()) {
    for (const { code, count } of status?.waiting ?? []) {
      if (code.startsWith("I")) pods.set(code, (pods.get(code) ?? 0) + count);
    }
  }
  return [...pods].map(([reason, value]) => ({ labels: { reason }, value }));
}
