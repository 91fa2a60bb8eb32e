import type { Container, EnvVar, VolumeMount } from "../kube/pod.ts";
import { oncePer } from "../oncePer.ts";
import type { SidecarContainer } from "../sidecarSet/sidecarSet.ts";
import { finderByName } from "./finderByName.ts";
import { isMarked, type SourcePod } from "./sourcePod.ts";
import { takenOverVariable } from "./takenOverVariable.ts";

type VolumeDevice = NonNullable<Container["volumeDevices"]>[number];

export interface SharedMounts {
  readonly mounts: readonly VolumeMount[];
  /** The variables that the `subPathExpr` of these mounts refer to, as the mounting containers define them. */
  readonly env: readonly EnvVar[];
}

/** All mounts of the pod's own containers, if the sidecar shares them; its own mounts are not yet considered. */
export function sharedMounts(sidecar: SidecarContainer, pod: SourcePod): SharedMounts {
  if (sidecar.shareVolumePolicy.type !== "enabled") return NOTHING_SHARED;
  const sources = sharingContainers(pod);
  const mounts = sources.length === 1 ? (sources[0]!.volumeMounts ?? []) : sources.flatMap(mountsOf);
  return { mounts, env: mounts.some(({ subPathExpr }) => subPathExpr) ? sources.flatMap(pathVariables) : [] };
}

const NOTHING_SHARED: SharedMounts = { mounts: [], env: [] };

function mountsOf({ volumeMounts }: Container): readonly VolumeMount[] {
  return volumeMounts ?? [];
}

export function sharedDevices(sidecar: SidecarContainer, pod: SourcePod): readonly VolumeDevice[] {
  if (sidecar.shareVolumeDevicePolicy?.type !== "enabled") return [];
  return sharingContainers(pod).flatMap(({ volumeDevices }) => volumeDevices ?? []);
}

export function sharingContainers({ containers }: SourcePod): readonly Container[] {
  return containers.filter((container) => !isMarked(container));
}

/** Own mounts, then the shared ones whose path is still free. */
export function mergeMounts(sidecar: SidecarContainer, shared: readonly VolumeMount[]): readonly VolumeMount[] {
  const { volumeMounts = [] } = sidecar;
  if (shared.length === 0) return volumeMounts;
  const own = ownPaths(sidecar);
  const added = new Set<string>();
  const merged = [...volumeMounts];
  for (const mount of shared) {
    if (!own.has(mount.mountPath) && takes(added, mount.mountPath)) merged.push(mount);
  }
  return merged;
}

const ownPaths = oncePer(
  ({ volumeMounts = [], volumeDevices = [] }: SidecarContainer): ReadonlySet<string> =>
    new Set([...mountPaths(volumeMounts), ...devicePaths(volumeDevices)]),
);

/** Own devices, then the shared ones whose path neither a device nor one of the sidecar's final mounts uses. */
export function mergeDevices(
  sidecar: SidecarContainer,
  shared: readonly VolumeDevice[],
  mounts: readonly VolumeMount[],
): readonly VolumeDevice[] {
  if (shared.length === 0) return sidecar.volumeDevices ?? [];
  const taken = new Set([...devicePaths(sidecar.volumeDevices ?? []), ...mountPaths(mounts)]);
  return [...(sidecar.volumeDevices ?? []), ...shared.filter(({ devicePath }) => takes(taken, devicePath))];
}

const VARIABLE = /\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)/g;

/** The variables in a mount's path; of each name the first one counts. */
export function pathVariableNames({ subPathExpr }: VolumeMount): readonly string[] {
  return subPathExpr ? [...subPathExpr.matchAll(VARIABLE)].map(([, name]) => name!) : [];
}

function pathVariables(container: Container): readonly EnvVar[] {
  const names = (container.volumeMounts ?? []).flatMap(pathVariableNames);
  const find = finderByName(container.env ?? [], "first", names.length);
  return names.flatMap((name) => {
    const variable = find(name);
    return variable ? [takenOverVariable(variable, container)] : [];
  });
}

function takes(taken: Set<string>, path: string): boolean {
  const before = taken.size;
  return taken.add(path).size > before;
}

function mountPaths(mounts: readonly VolumeMount[]): readonly string[] {
  return mounts.map(({ mountPath }) => mountPath);
}

function devicePaths(devices: readonly VolumeDevice[]): readonly string[] {
  return devices.map(({ devicePath }) => devicePath);
}
