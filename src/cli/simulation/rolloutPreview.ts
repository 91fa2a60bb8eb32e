import type { PodRecord } from "../../core/pod/podRecord.ts";
import { podKey } from "../../core/pod/podRecord.ts";
import { type Playback, playForward } from "../../core/rollout/playForward.ts";
import { podFacts } from "../../core/rollout/podFacts.ts";
import { reportOn } from "../../core/rollout/podReport.ts";
import { isSelected, rolloutRules } from "../../core/rollout/rolloutRules.ts";
import { REASON_CODES, type Verdict } from "../../core/rollout/verdict.ts";
import { wavesOf } from "../../core/rollout/waves.ts";
import { lintFleet } from "../../core/sidecarSet/lint/lintFleet.ts";
import { lintSidecarSet } from "../../core/sidecarSet/lint/lintSidecarSet.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { STOP_SWITCHES, stopText } from "../../core/sidecarSet/stopSwitches.ts";
import type { Manifest } from "../manifests.ts";
import type { ClusterState } from "./clusterState.ts";
import { groupNames } from "./groupName.ts";
import { modelledRestart } from "./kubeletModel.ts";
import { plannedRevisions } from "./plannedRevisions.ts";
import type { LeftPod, OrderedPod, PlanFinding, PlanReport } from "./planReport.ts";
import { type PlayReport, playReport } from "./playReport.ts";
import { setChanges, writtenSpec } from "./setChanges.ts";
import { strategyOf } from "./simulationReport.ts";

export interface PreviewInput {
  /** As the file has it, and as the cluster would store it. */
  readonly manifest: Manifest;
  readonly set: SidecarSet;
  readonly state: ClusterState;
  readonly restartSeconds: readonly [number, number];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What a SidecarSet would do to a cluster's pods, if it were written now. */
export function rolloutPreview({
  manifest,
  set,
  state,
  restartSeconds,
  now,
}: PreviewInput): Omit<PlanReport, "apiVersion" | "kind" | "generatedAt" | "clean" | "state" | "serverDryRun"> {
  const stored = state.sidecarSets.find((each) => each.set.name === set.name);
  const after = asStored(set, stored?.set, now);
  const rules = rolloutRules(after);
  const selected = state.pods.filter((pod) => isSelected(rules, pod, state.namespaces.get(pod.namespace)));
  const restart = modelledRestart({ restartSeconds, failing: 0, seed: 1, pods: selected.length });
  const playback = playForward({ ...state, set: after, pods: selected, start: now, restart });
  const report = playReport(playback, { start: now, groupName: groupNames(after) });
  const left = leftPods(playback, new Map(selected.map((pod) => [podKey(pod), pod])), after);
  const lint = lintSidecarSet({
    sidecarSet: manifest.object,
    ...(stored && { old: stored.object }),
    namespaces: [...state.namespaces.values()],
  });
  const carried = selected.filter((pod) => isCarried(playback.verdicts.get(podKey(pod))));
  const fleet = {
    pods: state.pods.length,
    selected: selected.length,
    carried: carried.length,
    updatable: carried.filter(({ labels }) => rules.updateSelector?.matches(labels) ?? true).length,
    lacking: new Map(
      after.spec.updateStrategy.scatterStrategy.map(({ key }) => [
        key,
        carried.filter(({ labels }) => !(key in labels)).length,
      ]),
    ),
  };
  const revisions = plannedRevisions(after, stored?.set, state.revisions);
  return {
    sidecarSet: set.name,
    source: manifest.source,
    ...revisions,
    changes: stored ? setChanges(stored.set, after, writtenSpec(manifest)) : [],
    strategy: strategyOf(after),
    scope: { pods: state.pods.length, selected: selected.length, carried: carried.length },
    assumptions: { restartSeconds },
    findings: inOrder([...lint, ...lintFleet(after, fleet), ...stopped(state), ...deadLocks(report)]),
    ...report,
    reasons: reasonsOf(left, report),
    order: orderOf(playback, now, groupNames(after)),
    left,
    remarks: state.remarks,
  };
}

/** A stored set keeps its identity and its status; what is edited gets the next generation. */
function asStored(set: SidecarSet, stored: SidecarSet | undefined, now: number): SidecarSet {
  if (!stored) return { ...set, uid: set.uid || `uid-${set.name}`, createdAt: now, generation: 1 };
  const { uid, createdAt, resourceVersion, generation, status } = stored;
  const isEdited = JSON.stringify(set.spec) !== JSON.stringify(stored.spec);
  return { ...set, uid, createdAt, resourceVersion, status, generation: isEdited ? generation + 1 : generation };
}

function isCarried(verdict: Verdict | undefined): boolean {
  if (!verdict || verdict.kind === "upgrade") return verdict !== undefined;
  return !["notInjected", "containerMissing", "inactivePod"].includes(verdict.because);
}

/** The order is what follows when it ends. */
function stopped({ switches: { updates } }: ClusterState): readonly PlanFinding[] {
  if (!updates) return [];
  const message = `all updates in place are ${stopText(updates)} by ConfigMap ${STOP_SWITCHES}: nothing rolls until they run again`;
  return [{ code: REASON_CODES.updatesStopped ?? "", name: "updatesStopped", field: "", message }];
}

/** What no linter sees: pods that would wait for ever, or never follow. */
function deadLocks({ result, reasons, pods, unavailable }: PlayReport): readonly PlanFinding[] {
  if (result === "complete" || result === "held") return [];
  const down = pods.after.updated - pods.after.updatedReady;
  const stuck = reasons.filter(({ because }) => STUCK.has(because));
  const held =
    down > 0 ? `; ${down} updated pods are not ready, and so many may be: ${unavailable.limit ?? "unreadable"}` : "";
  if (stuck.length === 0) {
    return [
      { code: "", name: result, field: "", message: `the rollout ends with ${down} updated pods that are not ready` },
    ];
  }
  return stuck.map(({ code, because, pods: count, examples }) => ({
    code,
    name: because,
    field: "",
    message: `${count} pods do not get the change${WAITING.has(because) ? `, they wait for ever${held}` : ""}: ${examples.join(", ")}`,
  }));
}

const WAITING: ReadonlySet<string> = new Set([
  "maxUnavailable",
  "maxUnavailablePerOwner",
  "previousUpgradeRunning",
  "flipPending",
  "unreadableStrategy",
]);
const STUCK: ReadonlySet<string> = new Set([...WAITING, "nonImageChange", "metadataConflict", "containerMissing"]);

function orderOf(playback: Playback, start: number, groupName: (group: string) => string): readonly OrderedPod[] {
  const waves = wavesOf(playback);
  const wave = new Map(waves.flatMap(({ number, pods }) => pods.map((upgrade) => [upgrade, number] as const)));
  return playback.upgrades.map((upgrade) => ({
    pod: upgrade.pod,
    wave: wave.get(upgrade)!,
    ...(upgrade.group !== "" && { group: groupName(upgrade.group) }),
    startSeconds: (upgrade.at - start) / 1000,
    readySeconds: upgrade.readyAt === undefined ? null : (upgrade.readyAt - start) / 1000,
  }));
}

/** Selected pods that the change does not reach, each with its reason. */
function leftPods(
  { upgrades, verdicts }: Playback,
  pods: ReadonlyMap<string, PodRecord>,
  set: SidecarSet,
): readonly LeftPod[] {
  const reached = new Set(upgrades.map(({ pod }) => pod));
  const rules = rolloutRules(set);
  return [...verdicts].flatMap(([pod, verdict]): readonly LeftPod[] => {
    if (reached.has(pod) || verdict.kind === "upgrade") return [];
    const { because } = verdict;
    const record = pods.get(pod);
    const uncovered =
      because === "notInjected" && record ? reportOn(podFacts(record, rules), false).uncovered : undefined;
    const fields = because === "nonImageChange" && verdict.fields ? { fields: verdict.fields } : {};
    return [{ pod, code: uncovered ?? REASON_CODES[because] ?? "", because, ...fields }];
  });
}

/** With the code of why pods have no sidecars. */
function reasonsOf(left: readonly LeftPod[], { reasons }: PlayReport): PlayReport["reasons"] {
  return reasons.flatMap((reason) => {
    if (reason.because !== "notInjected") return [reason];
    const pods = left.filter(({ because }) => because === "notInjected");
    return [...new Set(pods.map(({ code }) => code))].toSorted().map((code) => {
      const ofCode = pods.filter((pod) => pod.code === code);
      return { code, because: "notInjected", pods: ofCode.length, examples: ofCode.slice(0, 3).map(({ pod }) => pod) };
    });
  });
}

function inOrder(findings: readonly PlanFinding[]): readonly PlanFinding[] {
  return findings.toSorted((one, other) => (one.code < other.code ? -1 : one.code > other.code ? 1 : 0));
}
