import { canaryBaseOf } from "../sidecarSet/canary.ts";
import { isHotUpgrade, isNativeSidecar } from "../sidecarSet/sidecarKind.ts";
import type { SidecarContainer, SidecarSet } from "../sidecarSet/sidecarSet.ts";

/** The parts of the API that a SidecarSet makes use of, by the names of their fields. */
export function featuresInUse(set: SidecarSet): readonly string[] {
  return Object.entries(FEATURES)
    .filter(([, isUsed]) => isUsed(set))
    .map(([feature]) => feature);
}

type IsUsed = (set: SidecarSet) => boolean;

const FEATURES: Readonly<Record<string, IsUsed>> = {
  namespaceSelector: ({ spec }) => spec.namespaceSelector !== undefined,
  initContainers: ({ spec }) => (spec.initContainers ?? []).some((container) => !isNativeSidecar(container)),
  nativeSidecars: ({ spec }) => (spec.initContainers ?? []).some(isNativeSidecar),
  volumes: ({ spec }) => spec.volumes.length > 0,
  imagePullSecrets: ({ spec }) => spec.imagePullSecrets.length > 0,
  patchPodMetadata: ({ spec }) => spec.patchPodMetadata.length > 0,
  hotUpgrade: anySidecar(isHotUpgrade),
  transferEnv: anySidecar(({ transferEnv = [] }) => transferEnv.length > 0),
  shareVolume: anySidecar(({ shareVolumePolicy }) => shareVolumePolicy.type === "enabled"),
  shareVolumeDevice: anySidecar(({ shareVolumeDevicePolicy }) => shareVolumeDevicePolicy?.type === "enabled"),
  resourcesPolicy: anySidecar(({ resourcesPolicy }) => resourcesPolicy !== undefined),
  notUpdate: ({ spec }) => spec.updateStrategy.type === "NotUpdate",
  updatePaused: ({ spec }) => spec.updateStrategy.paused,
  updateSelector: ({ spec }) => spec.updateStrategy.selector !== undefined,
  partition: ({ spec }) => spec.updateStrategy.partition !== 0,
  priority: ({ spec }) => spec.updateStrategy.priorityStrategy !== undefined,
  scatter: ({ spec }) => spec.updateStrategy.scatterStrategy.length > 0,
  injectionPaused: ({ spec }) => spec.injectionStrategy.paused,
  pinnedRevision: ({ spec }) => spec.injectionStrategy.revision !== undefined,
  customVersion: ({ spec }) => spec.customVersion !== undefined,
  canary: ({ annotations }) => canaryBaseOf(annotations) !== undefined,
};

function anySidecar(isUsed: (sidecar: SidecarContainer) => boolean): IsUsed {
  return ({ spec }) => [...(spec.initContainers ?? []), ...(spec.containers ?? [])].some(isUsed);
}
