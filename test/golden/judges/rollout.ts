import { applyJsonPatch } from "../../../src/core/kube/jsonPatch.ts";
import type { Json, JsonObject } from "../../../src/core/kube/object.ts";
import type { ContainerStatus, Pod, PodCondition } from "../../../src/core/kube/pod.ts";
import { compare, type Judge } from "../judge.ts";
import { scatters } from "./evenness.ts";
import { bookOf, matched, parsedSet, planOf, podsOf } from "./rolloutCase.ts";

interface Simulation {
  readonly readyAfterRounds: number;
  readonly readyAfter?: Readonly<Record<string, number>>;
  readonly neverReady?: readonly string[];
  readonly deleteAtRound?: Readonly<Record<string, number>>;
  readonly changes?: readonly { readonly round: number; readonly updateStrategy: JsonObject }[];
  readonly maxRounds: number;
}

/** Plays the recorded loop with our plans; what its pods do is told in the page on the cases. */
export const rollout: Judge = (testCase) => {
  const { input, expected } = testCase;
  const ours = play(input);
  const { roundsStable, ...recorded } = expected;
  if (scatters(testCase)) {
    // Which pod comes in which round is ours to choose; the end is not.
    const { rounds, ...end } = ours;
    const { rounds: _, ...recordedEnd } = recorded;
    return compare(end, recordedEnd);
  }
  const stable = compare(ours, { ...recorded, rounds: roundsStable ?? recorded.rounds });
  return stable.agrees ? stable : compare(ours, recorded);
};

function play(input: JsonObject): JsonObject {
  const simulation = input.simulation as unknown as Simulation;
  let raw = input.sidecarSet as JsonObject;
  const { name } = parsedSet(raw);
  let pods = matched(podsOf(input), name);
  const due = new Map<string, number>();
  const rounds: string[][] = [];
  for (let round = 1; round <= simulation.maxRounds; round++) {
    for (const change of simulation.changes ?? []) {
      if (change.round !== round) continue;
      raw = { ...raw, spec: { ...(raw.spec as JsonObject), updateStrategy: change.updateStrategy } };
    }
    const gone = Object.entries(simulation.deleteAtRound ?? {}).flatMap(([pod, at]) => (at === round ? [pod] : []));
    pods = pods.filter((pod) => !gone.includes(nameOf(pod)));
    for (const pod of gone) due.delete(pod);
    pods = pods.map((pod) => (due.get(nameOf(pod)) === round ? readied(pod, round) : pod));
    for (const [pod, at] of due) if (at === round) due.delete(pod);
    const set = parsedSet(raw);
    const actions = planOf(bookOf(set, pods), set).actions.filter((action) => action.kind === "upgradePod");
    rounds.push(actions.map((action) => action.pod.name));
    for (const { pod, operations } of actions) {
      pods = pods.map((one) => (nameOf(one) === pod.name ? restarting(upgraded(one, operations), round) : one));
      if (simulation.neverReady?.includes(pod.name)) continue;
      due.set(pod.name, round + (simulation.readyAfter?.[pod.name] ?? simulation.readyAfterRounds));
    }
    if (actions.length === 0 && due.size === 0 && !comesLater(simulation, round)) break;
  }
  const hash = parsedSet(raw).annotations["kruise.io/sidecarset-hash"];
  const updated = pods.filter((pod) =>
    pod.metadata.annotations?.["kruise.io/sidecarset-hash"]?.includes(`"hash":"${hash}"`),
  );
  return { rounds, updatedPods: updated.length, podsLeft: pods.length } as unknown as JsonObject;
}

function comesLater({ changes = [], deleteAtRound = {} }: Simulation, round: number): boolean {
  return changes.some((change) => change.round > round) || Object.values(deleteAtRound).some((at) => at > round);
}

function nameOf(pod: Pod): string {
  return pod.metadata.name!;
}

function upgraded(pod: Pod, operations: Parameters<typeof applyJsonPatch>[1]): Pod {
  const withUid = { ...pod, metadata: { ...pod.metadata, uid: pod.metadata.uid ?? "" } };
  const result = applyJsonPatch(withUid as unknown as Json, operations);
  if (!result.ok) throw new Error(result.error);
  return result.value as unknown as Pod;
}

function restarting(pod: Pod, round: number): Pod {
  return withStatus(pod, { ready: "False", round }, (status) =>
    sidecarImage(pod, status) === undefined ? status : { ...status, ready: false },
  );
}

function readied(pod: Pod, round: number): Pod {
  return withStatus(pod, { ready: "True", round }, (status) => {
    const image = sidecarImage(pod, status);
    if (image === undefined) return { ...status, ready: true };
    const restartCount = (status.restartCount ?? 0) + 1;
    return { ...status, ready: true, image, imageID: `id-${image}`, restartCount };
  });
}

/** The sidecar of the recorded rollouts is the container `side`. */
function sidecarImage(pod: Pod, { name }: ContainerStatus): string | undefined {
  return name === "side" ? pod.spec.containers.find((container) => container.name === name)?.image : undefined;
}

function withStatus(
  pod: Pod,
  { ready, round }: { readonly ready: string; readonly round: number },
  change: (status: ContainerStatus) => ContainerStatus,
): Pod {
  const lastTransitionTime = new Date(Date.parse("2026-07-01T12:00:00Z") + round * 60_000).toISOString();
  const conditions = (pod.status?.conditions ?? []).map(
    (condition): PodCondition =>
      condition.type === "Ready" && condition.status !== ready
        ? { ...condition, status: ready, lastTransitionTime }
        : condition,
  );
  const containerStatuses = (pod.status?.containerStatuses ?? []).map(change);
  return { ...pod, status: { ...pod.status, conditions, containerStatuses } };
}
