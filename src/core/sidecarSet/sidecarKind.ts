import { HOT_UPGRADE_SUFFIXES } from "./annotations.ts";
import type { SidecarContainer } from "./sidecarSet.ts";

/** An init container that keeps running beside the others. */
export function isNativeSidecar({ restartPolicy }: SidecarContainer): boolean {
  return restartPolicy === "Always";
}

export function isHotUpgrade({ upgradeStrategy }: Pick<SidecarContainer, "upgradeStrategy">): boolean {
  return upgradeStrategy.upgradeType === "HotUpgrade";
}

/** Whether it becomes a pair in the pod. An init container that ends is never one, whatever its upgrade strategy says. */
export function isPair(sidecar: SidecarContainer, list: "containers" | "initContainers"): boolean {
  return isHotUpgrade(sidecar) && (list === "containers" || isNativeSidecar(sidecar));
}

/** What it is called in a pod: by both names where it becomes a pair. */
export function namesInPod(sidecar: SidecarContainer, list: "containers" | "initContainers"): readonly string[] {
  return isPair(sidecar, list) ? HOT_UPGRADE_SUFFIXES.map((end) => sidecar.name + end) : [sidecar.name];
}
