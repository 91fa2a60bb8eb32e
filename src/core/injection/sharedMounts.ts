import type { Container, EnvVar, VolumeMount } from "../kube/pod.ts";
import type { SidecarContainer } from "../sidecarSet/sidecarSet.ts";
import { isMarked, type SourcePod } from "./sourcePod.ts";
import { takenOverVariable, variableFinder } from "./takenOverVariable.ts";

type VolumeDevice = NonNullable<Container["volumeDevices"]>[number];

export interface SharedMounts {
  readonly mounts: readonly VolumeMount[];
  /** The variables that the `subPathExpr` of these mounts refer to, as the mounting containers define them. */
  readonly env: readonly EnvVar[];
}

/** All mounts of the pod's own containers, if the sidecar shares them; its own mounts are not yet considered. */
export function sharedMounts(sidecar: SidecarContainer, pod: SourcePod): SharedMounts {
  if (sidecar.shareVolumePolicy.type !== "enabled") return { mounts: [], env: [] };
  const sources = sharingContainers(pod);
  const [first = [], ...others] = sources.map(({ volumeMounts }) => volumeMounts ?? []);
  const mounts = first.concat(...others);
  return { mounts, env: mounts.some(({ subPathExpr }) => subPathExpr) ? sources.flatMap(pathVariables) : [] };
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
  const taken = new Set([...mountPaths(sidecar.volumeMounts ?? []), ...devicePaths(sidecar.volumeDevices ?? [])]);
  return [...(sidecar.volumeMounts ?? []), ...shared.filter(({ mountPath }) => takes(taken, mountPath))];
}

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
  const find = variableFinder(container.env ?? [], "first", names.length);
  return names.flatMap((name) => {
    const variable = find(name);
    return variable ? [takenOverVariable(variable, container)] : [];
  });
}

function takes(taken: Set<string>, path: string): boolean {
  const free = !taken.has(path);
  taken.add(path);
  return free;
}

function mountPaths(mounts: readonly VolumeMount[]): readonly string[] {
  return mounts.map(({ mountPath }) => mountPath);
}

function devicePaths(devices: readonly VolumeDevice[]): readonly string[] {
  return devices.map(({ devicePath }) => devicePath);
}
