import { oncePer } from "../oncePer.ts";
import { optOutMark } from "../pod/optOut.ts";
import type { PodRecord } from "../pod/podRecord.ts";
import { isActive, isRunningAndReady } from "../pod/readiness.ts";
import { type CarriedSidecar, containersOf } from "../pod/sidecars.ts";
import { MIRROR_ANNOTATION } from "../sidecarSet/annotations.ts";
import { namesInPod } from "../sidecarSet/sidecarKind.ts";
import type { SidecarSetSpec } from "../sidecarSet/sidecarSet.ts";
import { type PodFacts, updatedAt } from "./podFacts.ts";

/** What a status tells of one pod beside its verdict. */
export interface PodReport {
  /** Neither finished nor on its way out: it ought to have the sidecars. */
  readonly active: boolean;
  /** Why the pod has no sidecars; undefined: it has them, or need not. */
  readonly uncovered: UncoveredCode | undefined;
  /** A sidecar runs another image than the set, or the pod by an override, asks for, and our records call the pod updated. */
  readonly drifted: boolean;
  /** Why the pod's update does not come to an end by itself: what a sidecar waits for. */
  readonly failing: string | undefined;
  /** From when on the pod has been unavailable for too long; undefined: it is available, or not updated. */
  readonly overdueAt: number | undefined;
}

/** Codes of docs/reference/reasons.md. What a pod asks for itself comes first, then what is certain, then what is likely. */
export type UncoveredCode = "I09" | "I05" | "I12" | "I10" | "I07" | "I04" | "I03" | "I11" | "I06";

/** @param available every sidecar is at its image and the pod is ready */
export function reportOn(facts: PodFacts, available: boolean): PodReport {
  if (!isActive(facts.pod)) return INACTIVE;
  if (!facts.counts) return { ...ORDINARY, uncovered: uncovered(facts) };
  if (!facts.updated) return ORDINARY;
  const drifted = facts.carried.some((carried) => hasDrifted(carried, facts));
  if (available) return drifted ? { ...ORDINARY, drifted } : ORDINARY;
  return { ...ORDINARY, drifted, failing: failing(facts), overdueAt: overdueAt(facts) };
}

/** Shared by nearly all pods, so that a report costs no memory. */
export const ORDINARY: PodReport = Object.freeze({
  active: true,
  uncovered: undefined,
  drifted: false,
  failing: undefined,
  overdueAt: undefined,
});
const INACTIVE: PodReport = Object.freeze({ ...ORDINARY, active: false });

/** From the pod alone: whether the webhook could not be reached when it was created is not recorded anywhere. */
function uncovered({ pod, rules, injected, bookkeeping }: PodFacts): UncoveredCode {
  const { set, surroundings } = rules;
  if (pod.annotations[MIRROR_ANNOTATION] !== undefined) return "I09";
  if (surroundings.excludedNamespaces?.includes(pod.namespace)) return "I05";
  if (set.spec.injectionStrategy.optOut === "Allow" && optOutMark(set, pod) !== undefined) return "I12";
  if (injected) return "I10";
  if (bookkeeping.injectedList.some((name) => surroundings.canaries?.has(name))) return "I07";
  // Both times are whole seconds: of two objects made in the same one, the set was not known yet.
  if (pod.createdAt !== undefined && set.createdAt !== undefined && pod.createdAt <= set.createdAt) return "I04";
  if (set.spec.injectionStrategy.paused) return "I03";
  return hasNamesake(pod, set.spec) ? "I11" : "I06";
}

const ownNames = oncePer(
  (spec: SidecarSetSpec): ReadonlySet<string> =>
    new Set(
      (["initContainers", "containers"] as const).flatMap((list) =>
        (spec[list] ?? []).flatMap((sidecar) => namesInPod(sidecar, list)),
      ),
    ),
);

/** A container of the pod's own has the name of one of the sidecars: such a pod cannot be injected. */
function hasNamesake(pod: PodRecord, spec: SidecarSetSpec): boolean {
  const names = ownNames(spec);
  return [...pod.initContainers, ...pod.containers].some(({ name }) => names.has(name));
}

/** The image that an override chooses takes effect at the next update: until then the set's own is right too. */
function hasDrifted(carried: CarriedSidecar, { rules }: PodFacts): boolean {
  const { image } = carried.kind === "single" ? carried.container : carried.working;
  if (image === carried.sidecar.image) return false;
  return !rules.sidecars.some((sidecar) => sidecar.name === carried.sidecar.name && sidecar.image === image);
}

/** The kubelet tries again and again, but only a new image, a new configuration or the registry can help. */
const HOPELESS: ReadonlySet<string> = new Set([
  "ImagePullBackOff",
  "ErrImagePull",
  "ErrImageNeverPull",
  "InvalidImageName",
  "ImageInspectError",
  "RegistryUnavailable",
  "CrashLoopBackOff",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
]);

function failing({ carried }: PodFacts): string | undefined {
  const reasons = containersOf(carried).map(({ status }) => status?.waitingReason ?? "");
  return reasons.find((reason) => HOPELESS.has(reason));
}

/** Counted from the update that the pod's record tells of, or from when it ceased to be ready. */
function overdueAt(facts: PodFacts): number | undefined {
  const { pod, rules } = facts;
  const unreadySince = isRunningAndReady(pod) ? 0 : (pod.readySince ?? 0);
  const since = Math.max(updatedAt(facts) ?? 0, unreadySince, pod.createdAt ?? 0);
  return since + rules.set.spec.updateStrategy.progressDeadlineSeconds * 1000;
}
