import { formatTime } from "../pod/recordJson.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { Condition } from "../sidecarSet/sidecarSetStatus.ts";
import {
  countOf,
  examplesOf,
  GAPS,
  HELD,
  podsText,
  QUEUED,
  type RolloutSummary,
  shortened,
  WITHOUT_ON_PURPOSE,
} from "./rolloutSummary.ts";
import type { Standing } from "./standing.ts";

type Finding = Pick<Condition, "type" | "status" | "reason" | "message">;

/** Whether the pods that the set selects are sent to the webhook. */
export type Registered = Omit<Finding, "type">;

/**
 * The state in the words of kstatus and `kubectl wait`. Ready, Progressing and CoverageComplete are always there; Stalled and Paused
 * only when they are so. Registered is somebody else's finding, and stays as it was while nothing is known about the set as it is now.
 * A condition's time moves only with its status.
 */
export function conditionsAfter(
  before: readonly Condition[],
  {
    set,
    standing,
    pods,
    registered,
    now,
  }: {
    readonly set: SidecarSet;
    readonly standing: Standing;
    readonly pods: RolloutSummary;
    readonly registered: Registered | undefined;
    readonly now: number;
  },
): readonly Condition[] {
  const findings = [
    ready(standing, pods),
    progressing(standing, pods),
    ...stalled(standing),
    ...paused(set, standing),
    covered(pods),
    ...(registered ? [{ type: "Registered", ...registered }] : []),
  ];
  const kept = registered ? [] : before.filter(({ type }) => type === "Registered");
  const found = findings.map((finding) => {
    const known = before.find(({ type, status }) => type === finding.type && status === finding.status);
    return {
      ...finding,
      lastTransitionTime: known?.lastTransitionTime || formatTime(now),
      observedGeneration: set.generation,
    };
  });
  return [...found, ...kept];
}

/** All that the strategy allows is updated and ready. */
function ready({ phase, reason, stall }: Standing, pods: RolloutSummary): Finding {
  const { updated, updatedReady } = pods.counters;
  const message = messageOf(stall, pods);
  const finding = (status: string, why: string) => ({ type: "Ready", status, reason: why, message });
  if (phase === "Blocked") return finding("False", "Blocked");
  if (phase === "Progressing") return finding("False", "RollingOut");
  // Pods of a completed rollout that are not ready: the set does what it can, and still not all of them have their sidecars.
  if (phase === "Complete" && updatedReady < updated) return finding("False", "RollingOut");
  return finding("True", reason);
}

function progressing({ phase, reason, stall }: Standing, pods: RolloutSummary): Finding {
  const status = phase === "Progressing" ? "True" : "False";
  return { type: "Progressing", status, reason, message: messageOf(stall, pods) + waitsFor(phase, pods) };
}

/** What the other pods wait for. */
function waitsFor(phase: Standing["phase"], pods: RolloutSummary): string {
  const [queued, held] = [countOf(pods, QUEUED), countOf(pods, HELD)];
  const { budget } = pods;
  if (phase === "Progressing" && queued > 0 && budget) {
    return `; ${podsText(queued)} to come, ${budget.used} of ${budget.limit} allowed are unavailable`;
  }
  return phase === "Held" || phase === "Paused" ? `; ${podsText(held)} held back` : "";
}

function stalled({ stall }: Standing): readonly Finding[] {
  return stall ? [{ type: "Stalled", status: "True", ...stall }] : [];
}

function paused({ spec }: SidecarSet, { reason }: Standing): readonly Finding[] {
  const causes = [
    ...(spec.updateStrategy.paused ? [["UpdatePaused", "updates are paused by spec.updateStrategy.paused"]] : []),
    ...(reason === "UpdatesStopped" ? [["UpdatesStopped", "all updates of the cluster are stopped"]] : []),
    ...(spec.injectionStrategy.paused
      ? [["InjectionPaused", "injection is paused by spec.injectionStrategy.paused"]]
      : []),
  ];
  const message = causes.map(([, text]) => text).join("; ");
  return causes.length === 0 ? [] : [{ type: "Paused", status: "True", reason: causes[0]![0]!, message }];
}

function covered(pods: RolloutSummary): Finding {
  const gaps = countOf(pods, GAPS);
  if (gaps > 0) {
    const first = shortened({ count: gaps, examples: examplesOf(pods, GAPS) });
    const message = `${gaps} of ${pods.selected} selected pods have no sidecars: ${first}`;
    return { type: "CoverageComplete", status: "False", reason: "NotInjected", message };
  }
  const spared = countOf(pods, WITHOUT_ON_PURPOSE);
  const but = spared === 0 ? "" : `, but for ${spared} that are without on purpose`;
  const message = `all ${pods.selected} selected pods have the sidecars${but}`;
  return { type: "CoverageComplete", status: "True", reason: "AllInjected", message };
}

/** `12 of 40 pods are updated, 10 of them are ready` */
function messageOf(stall: Standing["stall"], { counters, drifted }: RolloutSummary): string {
  const { matched, updated, updatedReady } = counters;
  const text = stall?.message ?? `${updated} of ${matched} pods are updated, ${updatedReady} of them are ready`;
  return drifted.count === 0 ? text : `${text}; edited by hand: ${shortened(drifted)}`;
}
