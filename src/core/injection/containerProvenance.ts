import { isJsonObject, type JsonObject } from "../kube/object.ts";
import type { Container, EnvVar, VolumeMount } from "../kube/pod.ts";
import { ALTERNATIVE_VERSION_ENV, INJECTED_ENV, VERSION_ENV } from "../sidecarSet/annotations.ts";
import { isNativeSidecar, namesInPod } from "../sidecarSet/sidecarKind.ts";
import type { SidecarContainer } from "../sidecarSet/sidecarSet.ts";
import type { Addition, AdditionKind } from "./addition.ts";
import type { BuildContext, BuiltSidecarSet } from "./buildSidecarSet.ts";
import { resourcesSeen } from "./resourcesPolicy.ts";
import { transferredEnv } from "./transferEnv.ts";

/** A built container where it stands in the pod. */
export interface PlacedContainer {
  readonly container: Container;
  readonly list: "containers" | "initContainers";
  readonly path: string;
  readonly change: "added" | "replaced";
  readonly owner: BuiltSidecarSet;
}

/** What the lines of one container are told from. */
interface Telling extends PlacedContainer {
  readonly sidecar: SidecarContainer;
  /** Of the sidecar in its SidecarSet. */
  readonly field: string;
  readonly context: BuildContext;
}

/** The container itself with all that is the sidecar's own, then each part of it that was put together for this pod. */
export function containerProvenance(placed: PlacedContainer, context: BuildContext): readonly Addition[] {
  const { container, list, owner } = placed;
  const sidecars = owner.revision.set.spec[list] ?? [];
  const index = sidecars.findIndex((sidecar) => namesInPod(sidecar, list).includes(container.name));
  const sidecar = sidecars[index];
  if (sidecar === undefined) return [];
  const telling: Telling = { ...placed, sidecar, field: `spec.${list}[${index}]`, context };
  return [
    line(telling, list === "containers" ? "container" : "initContainer", {
      name: container.name,
      value: container.image ?? "",
      because: whereAndWhy(telling),
    }),
    ...resources(telling),
    ...(container.env ?? []).map((variable, at) => {
      const told = {
        path: `.env[${at}]`,
        name: variable.name,
        value: originOf(variable),
        ...envSource(telling, variable),
      };
      return line(telling, "env", told);
    }),
    ...(container.volumeMounts ?? []).map((mount, at) => {
      const told = { path: `.volumeMounts[${at}]`, name: mount.mountPath, value: `volume ${mount.name}` };
      return line(telling, "volumeMount", { ...told, ...mountSource(telling, mount) });
    }),
    ...(container.volumeDevices ?? []).map((device, at) => {
      const told = { path: `.volumeDevices[${at}]`, name: device.devicePath, value: `volume ${device.name}` };
      return line(telling, "volumeDevice", { ...told, ...deviceSource(telling, device) });
    }),
  ];
}

/** `path` and `field` are below those of the container and of the sidecar. */
interface Told {
  readonly name: string;
  readonly value: string;
  readonly path?: string;
  readonly field?: string;
  readonly because?: string;
}

function line(telling: Telling, kind: AdditionKind, told: Told): Addition {
  const { change, owner, path, field } = telling;
  return {
    change,
    kind,
    path: `${path}${told.path ?? ""}`,
    name: told.name,
    value: told.value,
    sidecarSet: owner.revision.set.name,
    field: `${field}${told.field ?? ""}`,
    because: told.because ?? "",
  };
}

function whereAndWhy({ sidecar, list, change, container, owner }: Telling): string {
  const place = change === "replaced" ? "rebuilt where it was" : sidecar.podInjectPolicy;
  const pair = owner.hotUpgradePairs.find(({ containers }) => containers.includes(container));
  const half = pair && `${pair.containers[0] === container ? "working" : "idle"} half of a hot-upgrade pair`;
  const native = list === "initContainers" && isNativeSidecar(sidecar) ? "native sidecar" : undefined;
  return [place, native, half].filter((part) => part !== undefined).join(", ");
}

type Source = Pick<Told, "field" | "because">;

function envSource({ sidecar, context, container }: Telling, variable: EnvVar): Source {
  const own = sidecar.env?.indexOf(variable) ?? -1;
  if (own >= 0) return { field: `.env[${own}]`, because: "its own" };
  if (variable === INJECTED_ENV) return { because: "marks injected containers" };
  const from = context.pod.containers.find(({ env }) => env?.includes(variable));
  const transfer = (sidecar.transferEnv ?? []).findIndex((entry) =>
    transferredEnv({ ...sidecar, transferEnv: [entry] }, context.pod).includes(variable),
  );
  if (from && transfer >= 0) return { field: `.transferEnv[${transfer}]`, because: `from container ${from.name}` };
  if (from) {
    const needing = container.volumeMounts?.find(({ subPathExpr }) => subPathExpr?.includes(`$(${variable.name})`));
    const mount = needing ? `the subPathExpr of ${needing.mountPath}` : "a subPathExpr";
    return { field: ".shareVolumePolicy", because: `from container ${from.name}, needed by ${mount}` };
  }
  if (VERSIONS.has(variable.name)) return { field: ".upgradeStrategy", because: "tells the hot-upgrade version" };
  return MADE_FOR_THIS_POD;
}

const VERSIONS: ReadonlySet<string> = new Set([VERSION_ENV, ALTERNATIVE_VERSION_ENV]);
const MADE_FOR_THIS_POD: Source = { because: "made for this pod" };

function mountSource({ sidecar, context }: Telling, mount: VolumeMount): Source {
  const own = sidecar.volumeMounts?.indexOf(mount) ?? -1;
  if (own >= 0) return { field: `.volumeMounts[${own}]`, because: "its own" };
  const from = context.pod.containers.find(({ volumeMounts }) => volumeMounts?.includes(mount));
  return from ? { field: ".shareVolumePolicy", because: `from container ${from.name}` } : MADE_FOR_THIS_POD;
}

type VolumeDevice = NonNullable<Container["volumeDevices"]>[number];

function deviceSource({ sidecar, context }: Telling, device: VolumeDevice): Source {
  const own = sidecar.volumeDevices?.indexOf(device) ?? -1;
  if (own >= 0) return { field: `.volumeDevices[${own}]`, because: "its own" };
  const from = context.pod.containers.find(({ volumeDevices }) => volumeDevices?.includes(device));
  return from ? { field: ".shareVolumeDevicePolicy", because: `from container ${from.name}` } : MADE_FOR_THIS_POD;
}

/** The sidecar's own resources are told of too: they are what the pod will cost. */
function resources(telling: Telling): readonly Addition[] {
  const { container, sidecar } = telling;
  const value = resourcesText(container.resources);
  if (value === "" && sidecar.resourcesPolicy === undefined) return [];
  const told = { path: ".resources", name: "resources", value };
  if (container.resources === sidecar.resources) {
    return [line(telling, "resources", { ...told, field: ".resources", because: "its own" })];
  }
  return [line(telling, "resources", { ...told, field: ".resourcesPolicy", because: computedFrom(telling) })];
}

function computedFrom({ sidecar, context }: Telling): string {
  const seen = resourcesSeen({
    pod: { spec: { ...context.pod } },
    sidecar,
    otherSidecarNames: context.sidecarNames,
    compilePattern: context.compilePattern,
  });
  if (sidecar.resourcesPolicy === undefined || !seen.ok) return MADE_FOR_THIS_POD.because ?? "";
  const { targetContainersMode, resourcesExpr } = sidecar.resourcesPolicy;
  const expressions = (["requests", "limits"] as const).flatMap((field) =>
    (["cpu", "memory"] as const).flatMap((resource) => {
      const expression = resourcesExpr[field]?.[resource];
      if (!expression) return [];
      return `${field}.${resource} ${expression} with ${resource}=${seen.value[field][resource] ?? "none, so none"}`;
    }),
  );
  return `${expressions.join(", ")} (${targetContainersMode} of ${seen.value.containers.join(", ")})`;
}

/** `requests cpu 50m, memory 64Mi; limits cpu 1`. */
function resourcesText(resources: JsonObject | undefined): string {
  return ["requests", "limits"]
    .flatMap((field) => {
      const amounts = Object.entries((resources?.[field] ?? {}) as JsonObject);
      const texts = amounts.map(([resource, amount]) => `${resource} ${String(amount)}`);
      return texts.length === 0 ? [] : [`${field} ${texts.join(", ")}`];
    })
    .join("; ");
}

/** What a variable holds may be nobody's business; where it comes from is. */
function originOf({ valueFrom }: EnvVar): string {
  const [origin] = isJsonObject(valueFrom) ? Object.keys(valueFrom) : [];
  return origin === undefined ? "" : `(${origin})`;
}
