import type { LocalCopy } from "../cluster/localCopy.ts";
import type { PodRecord } from "../core/pod/podRecord.ts";
import { hashesOf } from "../core/rollout/podFacts.ts";
import { type AdmissionAnswer, type AdmissionRequest, UNCHANGED } from "./admissionReview.ts";

/** Warns who deletes a SidecarSet of the pods that keep its sidecars. Never refuses. @param pods absent: nobody knows */
export function tellWhatRemains(
  { operation, name }: AdmissionRequest,
  pods: LocalCopy<PodRecord> | undefined,
): AdmissionAnswer {
  if (operation !== "DELETE" || !pods?.hasSynced()) return UNCHANGED;
  let count = 0;
  for (const pod of pods.values()) if (isActive(pod) && hashesOf(pod).has(name)) count++;
  if (count === 0) return UNCHANGED;
  const keep = count === 1 ? "1 pod keeps" : `${count} pods keep`;
  const warning = `${keep} the sidecars of SidecarSet ${name} until recreated; nobody upgrades them any more`;
  return { allowed: true, patch: [], warnings: [warning] };
}

function isActive({ phase, deleting }: PodRecord): boolean {
  return !deleting && phase !== "Succeeded" && phase !== "Failed";
}
