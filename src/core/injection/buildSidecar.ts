import type { JsonObject } from "../kube/object.ts";
import type { Container, EnvVar } from "../kube/pod.ts";
import { INJECTED_ENV } from "../sidecarSet/annotations.ts";
import type { SidecarContainer } from "../sidecarSet/sidecarSet.ts";
import { mergeDevices, mergeMounts, sharedDevices, sharedMounts } from "./sharedMounts.ts";
import type { SourcePod } from "./sourcePod.ts";
import { transferredEnv } from "./transferEnv.ts";

/** Fields of a sidecar that speak to us and not to the kubelet. */
const OUR_FIELDS: ReadonlySet<string> = new Set([
  "podInjectPolicy",
  "upgradeStrategy",
  "shareVolumePolicy",
  "shareVolumeDevicePolicy",
  "transferEnv",
  "resourcesPolicy",
  "podOverrides",
]);

/**
 * The container that goes into the pod, before a hot-upgrade pair is made of it.
 * @param resources computed by its resource policy; undefined: its own
 */
export function buildSidecar(sidecar: SidecarContainer, pod: SourcePod, resources: JsonObject | undefined): Container {
  const shared = sharedMounts(sidecar, pod);
  const volumeMounts = mergeMounts(sidecar, shared.mounts);
  const volumeDevices = mergeDevices(sidecar, sharedDevices(sidecar, pod), volumeMounts);
  return {
    ...ownFields(sidecar),
    ...(resources && { resources }),
    env: mergeEnv(sidecar.env ?? [], [...transferredEnv(sidecar, pod), ...shared.env]),
    ...(volumeMounts.length > 0 && { volumeMounts }),
    ...(volumeDevices.length > 0 && { volumeDevices }),
  };
}

function ownFields(sidecar: SidecarContainer): Container {
  const fields = Object.entries(sidecar).filter(([field]) => !OUR_FIELDS.has(field));
  return Object.fromEntries(fields) as unknown as Container;
}

/** Own variables, our marker even if there is one of that name, then what is taken over: the first of each name, none that is own. */
function mergeEnv(own: readonly EnvVar[], takenOver: readonly EnvVar[]): readonly EnvVar[] {
  const env = [...own, INJECTED_ENV];
  const names = new Set(env.map(({ name }) => name));
  for (const variable of takenOver) {
    if (names.has(variable.name)) continue;
    names.add(variable.name);
    env.push(variable);
  }
  return env;
}
