import { isDeepStrictEqual } from "node:util";
import type { LocalCopy } from "../../src/cluster/localCopy.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { PHASES, type SidecarSetStatus } from "../../src/core/sidecarSet/sidecarSetStatus.ts";

/** What was stored of a set's status at one moment. */
export type SeenStatus = { readonly [field in keyof SidecarSetStatus]?: NonNullable<SidecarSetStatus[field]> };

type Complete = Required<SeenStatus>;

/** Follows every status of every SidecarSet and notes what contradicts itself, or what came before. */
export function observeStatuses(
  copy: LocalCopy<KubeObject>,
  { seen, violations }: { readonly seen: SeenStatus[]; readonly violations: string[] },
): void {
  copy.subscribe((change) => {
    const status = change.type === "deleted" ? undefined : statusOf(change.object);
    if (!status || change.type === "deleted") return;
    const { name = "", uid } = change.object.metadata;
    const before = change.type === "updated" && change.old.metadata.uid === uid ? statusOf(change.old) : undefined;
    if (isDeepStrictEqual(before, status)) return;
    seen.push(status);
    for (const problem of [...problemsOf(status), ...(before ? leaps(before, status) : [])])
      violations.push(`status of ${name}: ${problem}`);
  });
}

function statusOf(object: KubeObject): Complete | undefined {
  const { status } = object as KubeObject & { readonly status?: SeenStatus };
  return status?.conditions ? (status as Complete) : undefined;
}

/** @returns what is wrong with a status by itself */
function problemsOf(status: Complete): readonly string[] {
  const { conditions, rollout, waiting, history } = status;
  const is = (type: string, value: string) => conditions.some((one) => one.type === type && one.status === value);
  const condition = (type: string) => conditions.find((one) => one.type === type);
  const sum = (codes: RegExp) => waiting.reduce((all, { code, count }) => all + (codes.test(code) ? count : 0), 0);
  const rules: readonly (readonly [string, boolean])[] = [
    ["a condition stands twice", new Set(conditions.map(({ type }) => type)).size === conditions.length],
    [
      "a condition is missing",
      ["Ready", "Progressing", "CoverageComplete"].every((type) => condition(type) !== undefined),
    ],
    ["a condition has no reason", conditions.every(({ reason, message }) => reason !== "" && message !== "")],
    [
      "a condition is about another generation",
      conditions.every((one) => one.observedGeneration === status.observedGeneration),
    ],
    ["ready while progressing", !(is("Ready", "True") && is("Progressing", "True"))],
    ["stalled while progressing", !(condition("Stalled") && is("Progressing", "True"))],
    ["stalled while ready", !(condition("Stalled") && is("Ready", "True"))],
    ["Stalled or Paused without being so", !is("Stalled", "False") && !is("Paused", "False")],
    ["no known phase", (PHASES as readonly string[]).includes(rollout.phase)],
    ["the phase contradicts Progressing", (rollout.phase === "Progressing") === is("Progressing", "True")],
    ["the phase contradicts Stalled", (rollout.phase === "Blocked") === is("Stalled", "True")],
    ["two reasons for one phase", rollout.reason === condition("Progressing")?.reason],
    ["waiting is not in order", waiting.every(({ code }, at) => at === 0 || waiting[at - 1]!.code < code)],
    ["wrong number of examples", waiting.every(({ count, examples }) => examples.length <= Math.min(3, count))],
    ["the coverage contradicts its reasons", is("CoverageComplete", "False") === sum(/^I(03|04|06|10)$/) > 0],
    ["selected is not matched and uncovered", status.selectedPods === status.matchedPods + sum(/^I/)],
    ["held is not what waits on purpose", status.heldPods === sum(/^U(03|04|05|18)$/)],
    [
      "more wait than are not updated",
      sum(/^U(02|03|04|05|06|07|08|14|15|16|19)$/) <= status.matchedPods - status.updatedPods,
    ],
    ["more than the last rollout is unfinished", history.slice(1).every(({ finishedAt }) => finishedAt !== undefined)],
    ["the history is too long", history.length <= 10],
    ["the history is about another revision", history[0]?.revision === rollout.targetRevision],
  ];
  return rules.flatMap(([problem, holds]) => (holds ? [] : [`${problem}: ${JSON.stringify(status)}`]));
}

/** @returns what cannot have come about */
function leaps(before: Complete, after: Complete): readonly string[] {
  const moved = after.conditions.filter(({ type, status, lastTransitionTime }) => {
    const known = before.conditions.find((one) => one.type === type);
    return known && known.status === status && known.lastTransitionTime !== lastTransitionTime;
  });
  const sameRollout = before.rollout.targetRevision === after.rollout.targetRevision;
  return [
    ...moved.map(({ type }) => `the time of ${type} moved without its status`),
    ...(sameRollout && before.rollout.phase === after.rollout.phase && before.rollout.since !== after.rollout.since
      ? ["the phase began anew without another one between"]
      : []),
    ...(sameRollout && after.rollout.wave < before.rollout.wave ? ["waves were taken back"] : []),
  ];
}
