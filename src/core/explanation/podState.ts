import { isConsistent } from "../pod/imageConsistency.ts";
import type { ContainerRecord } from "../pod/podRecord.ts";
import { podKey } from "../pod/podRecord.ts";
import { containerNamed, containersOf } from "../pod/sidecars.ts";
import type { BookEntry } from "../rollout/bookEntry.ts";
import { type PodFacts, podFacts } from "../rollout/podFacts.ts";
import type { RolloutRules } from "../rollout/rolloutRules.ts";
import type { Holder } from "./explanation.ts";

/** What a pod that is not available waits for, in the kubelet's words: `logtail: ImagePullBackOff`, `app: not ready`. */
export function unavailableBecause(facts: PodFacts): string {
  const { pod, carried, records } = facts;
  if (pod.deleting) return "terminating";
  if (pod.phase !== "Running") return `phase ${pod.phase || "unknown"}`;
  const own = containersOf(carried).flatMap((container) => {
    const trouble = troubleOf(container) ?? (isConsistent(pod, [container], records) ? undefined : "restarting");
    return trouble === undefined ? [] : [`${container.name}: ${trouble}`];
  });
  if (own.length > 0) return own.join(", ");
  const others = [...pod.containers, ...pod.initContainers.filter(({ native }) => native)]
    .filter(({ name }) => !containerNamed(name, containersOf(carried)))
    .flatMap((container) => {
      const trouble = troubleOf(container);
      return trouble === undefined ? [] : [`${container.name}: ${trouble}`];
    });
  if (others.length > 0) return others.join(", ");
  return pod.ready ? "readiness not proven yet" : "not ready";
}

function troubleOf({ status }: ContainerRecord): string | undefined {
  if (!status) return "not reported on";
  if (status.waitingReason !== undefined && status.waitingReason !== "") return status.waitingReason;
  return status.ready ? undefined : "not ready";
}

/** A pod that uses up some of the budget. */
export function holder({ pod, report, overdue }: Readonly<BookEntry>, rules: RolloutRules, now: number): Holder {
  const since = unavailableSince(pod.readySince, report.overdueAt, rules);
  return {
    pod: podKey(pod),
    state: unavailableBecause(podFacts(pod, rules)),
    stuck: report.failing !== undefined || overdue,
    failing: report.failing !== undefined,
    ...(since !== undefined && since > 0 && { forSeconds: Math.max(0, Math.round((now - since) / 1000)) }),
  };
}

/** The deadline counts from then on. */
function unavailableSince(
  readySince: number | undefined,
  overdueAt: number | undefined,
  { set }: RolloutRules,
): number | undefined {
  return overdueAt === undefined ? readySince : overdueAt - set.spec.updateStrategy.progressDeadlineSeconds * 1000;
}
