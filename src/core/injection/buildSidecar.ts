import type { Container, EnvVar } from "../kube/pod.ts";
import { oncePer } from "../oncePer.ts";
import { INJECTED_ENV } from "../sidecarSet/annotations.ts";
import type { SidecarContainer } from "../sidecarSet/sidecarSet.ts";
import { changedPaths, lostReferences } from "./lostMeaning.ts";
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

export interface BuiltSidecar {
  /** What goes into the pod, before a hot-upgrade pair is made of it. */
  readonly container: Container;
  /** What it has from other containers and does not mean the same here. */
  readonly warnings: readonly string[];
}

export function buildSidecar(sidecar: SidecarContainer, pod: SourcePod): BuiltSidecar {
  const shared = sharedMounts(sidecar, pod);
  const volumeMounts = mergeMounts(sidecar, shared.mounts);
  const volumeDevices = mergeDevices(sidecar, sharedDevices(sidecar, pod), volumeMounts);
  const own = ownEnv(sidecar);
  const env = mergeEnv(own, [...transferredEnv(sidecar, pod), ...shared.env]);
  // Not by `...` with a condition, which is slow.
  const container: { -readonly [Field in keyof Container]: Container[Field] } = { ...ownFields(sidecar), env };
  if (volumeMounts.length > 0) container.volumeMounts = volumeMounts;
  if (volumeDevices.length > 0) container.volumeDevices = volumeDevices;
  const lost = lostReferences(container, own.length, pod);
  const changed = changedPaths(container, shared.mounts, pod);
  return { container, warnings: changed.length === 0 ? lost : [...lost, ...changed] };
}

const ownEnv = oncePer((sidecar: SidecarContainer): readonly EnvVar[] => [...(sidecar.env ?? []), INJECTED_ENV]);

const ownFields = oncePer((sidecar: SidecarContainer): Container => {
  const fields = Object.entries(sidecar).filter(([field]) => !OUR_FIELDS.has(field));
  return Object.fromEntries(fields) as unknown as Container;
});

/** Own variables with our marker, also behind one of its name, then what is taken over: the first of each name, none that is own. */
function mergeEnv(own: readonly EnvVar[], takenOver: readonly EnvVar[]): readonly EnvVar[] {
  if (takenOver.length === 0) return own;
  const env = [...own];
  const names = new Set(env.map(({ name }) => name));
  for (const variable of takenOver) {
    if (names.has(variable.name)) continue;
    names.add(variable.name);
    env.push(variable);
  }
  return env;
}
