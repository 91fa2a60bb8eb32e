import { injectedNames } from "../injection/buildSidecarSet.ts";
import { jsonEqual } from "../kube/jsonPatch.ts";
import type { Json } from "../kube/object.ts";
import type { Container, Pod, Volume } from "../kube/pod.ts";
import { INJECTED_ENV } from "../sidecarSet/annotations.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { withoutDefaults } from "./withoutDefaults.ts";

/**
 * The pod as it was created, as far as it can still be told: without the containers that say they are injected and have a name of these
 * sets, their volumes, and the records. Annotations that sets patched stay; so do volumes that are not as the set has them.
 */
export function podBefore(pod: Pod, sets: readonly SidecarSet[]): Pod {
  const { metadata, spec } = pod;
  const names = new Set(sets.flatMap(injectedNames));
  const isOwn = (container: Container) => !names.has(container.name) || !carriesMarker(container);
  const added = new Map(sets.flatMap((set) => set.spec.volumes.map((volume) => [volume.name, volume] as const)));
  const isPodsVolume = (volume: Volume) => {
    const ofSet = added.get(volume.name);
    return ofSet === undefined || !jsonEqual(withoutDefaults(ofSet as Json), withoutDefaults(volume as Json));
  };
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => !isRecord(key));
  return {
    ...pod,
    metadata: { ...metadata, annotations: Object.fromEntries(annotations) },
    spec: {
      ...spec,
      containers: spec.containers.filter(isOwn),
      ...(spec.initContainers && { initContainers: spec.initContainers.filter(isOwn) }),
      ...(spec.volumes && { volumes: spec.volumes.filter(isPodsVolume) }),
    },
  };
}

/** Written by injection and upgrades of either manager. */
export function isRecord(key: string): boolean {
  return /^(?:kruise\.io\/sidecarset-|version(?:alt)?\.sidecarset\.kruise\.io\/)/.test(key);
}

function carriesMarker({ env }: Container): boolean {
  return env?.some(({ name, value }) => name === INJECTED_ENV.name && value === INJECTED_ENV.value) ?? false;
}
