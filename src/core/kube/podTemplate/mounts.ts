import type { FieldError } from "../../result.ts";
import { duplicates, invalid, invalidIf, notFound, oneOf, required } from "../fieldErrors.ts";
import type { Volume, VolumeMount } from "../pod.ts";

interface Device {
  readonly name?: string;
  readonly devicePath?: string;
}

type Mount = Partial<VolumeMount>;

/** @param volumes those that the template brings itself */
export function mountErrors(
  mounts: readonly Mount[],
  devices: readonly Device[],
  { volumes, path }: { readonly volumes: readonly Volume[]; readonly path: string },
): FieldError[] {
  const devicePaths = new Set(devices.map(({ devicePath }) => devicePath));
  const mountPaths = new Set(mounts.map(({ mountPath }) => mountPath));
  const known = new Set(volumes.map(({ name }) => name));
  return [
    ...mounts.flatMap((mount, index) => [
      ...volumeErrors(mount.name, known, `${path}.volumeMounts[${index}].name`),
      ...mountPathErrors(mount.mountPath, devicePaths, `${path}.volumeMounts[${index}].mountPath`),
      ...subPathErrors(mount, `${path}.volumeMounts[${index}]`),
      ...oneOf(mount.mountPropagation, PROPAGATIONS, `${path}.volumeMounts[${index}].mountPropagation`),
    ]),
    ...duplicates(mounts, ({ mountPath }) => mountPath).flatMap((index) =>
      invalid(`${path}.volumeMounts[${index}].mountPath`, mounts[index]!.mountPath, "another mount has this path"),
    ),
    ...devices.flatMap((device, index) => [
      ...volumeErrors(device.name, known, `${path}.volumeDevices[${index}].name`),
      ...devicePathErrors(device.devicePath, mountPaths, `${path}.volumeDevices[${index}].devicePath`),
    ]),
    ...duplicates(devices, ({ devicePath }) => devicePath).flatMap((index) =>
      invalid(`${path}.volumeDevices[${index}].devicePath`, devices[index]!.devicePath, "another device has this path"),
    ),
  ];
}

const PROPAGATIONS = ["None", "HostToContainer", "Bidirectional"];

function volumeErrors(name: string | undefined, known: ReadonlySet<string>, path: string): FieldError[] {
  if (!name) return required(path, "name a volume");
  return known.has(name) ? [] : notFound(path, name, "no volume of this SidecarSet has this name");
}

function mountPathErrors(
  mountPath: string | undefined,
  devicePaths: ReadonlySet<string | undefined>,
  path: string,
): FieldError[] {
  if (!mountPath) return required(path, "say where to mount the volume");
  return devicePaths.has(mountPath) ? invalid(path, mountPath, "a device of this container has this path") : [];
}

function devicePathErrors(
  devicePath: string | undefined,
  mountPaths: ReadonlySet<string | undefined>,
  path: string,
): FieldError[] {
  if (!devicePath) return required(path, "say where the device appears");
  if (mountPaths.has(devicePath)) return invalid(path, devicePath, "a mount of this container has this path");
  return invalidIf(stepsBack(devicePath), path, devicePath);
}

function subPathErrors({ subPath, subPathExpr }: Mount, path: string): FieldError[] {
  return [
    ...(subPath ? invalidIf(localPathProblem(subPath), `${path}.subPath`, subPath) : []),
    ...(subPath && subPathExpr
      ? invalid(`${path}.subPathExpr`, subPathExpr, "give either subPath or subPathExpr")
      : []),
    ...(subPathExpr ? invalidIf(localPathProblem(subPathExpr), `${path}.subPathExpr`, subPathExpr) : []),
  ];
}

/** A path that stays below where it starts. */
export function localPathProblem(path: string): string | undefined {
  return path.startsWith("/") ? "must be a relative path" : stepsBack(path);
}

export function stepsBack(path: string): string | undefined {
  return path.split("/").includes("..") ? "must not contain '..'" : undefined;
}
