import { isJsonObject, type JsonObject } from "../kube/object.ts";
import type { Container, EnvVar, VolumeMount } from "../kube/pod.ts";
import type { RequestedOverride } from "../pod/podOverrides.ts";
import { ALTERNATIVE_VERSION_ENV, INJECTED_ENV, VERSION_ENV } from "../sidecarSet/annotations.ts";
import { isNativeSidecar, namesInPod } from "../sidecarSet/sidecarKind.ts";
import type { SidecarContainer } from "../sidecarSet/sidecarSet.ts";
import type { Addition, AdditionKind } from "./addition.ts";
import type { BuildContext, BuiltSidecarSet } from "./buildSidecarSet.ts";
import { type ResourcesSeen, resourcesSeen } from "./resourcesPolicy.ts";
import { takenOverVariable } from "./takenOverVariable.ts";
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

function whereAndWhy(telling: Telling): string {
  const { sidecar, list, change, container, owner } = telling;
  const isInFront = owner[list].some((built) => built.container === container && built.place === "front");
  const policy = isInFront ? "BeforeAppContainer" : "AfterAppContainer";
  const place = change === "replaced" ? "rebuilt where it was" : policy;
  const pair = owner.hotUpgradePairs.find(({ containers }) => containers.includes(container));
  const idle = pair !== undefined && pair.containers[0] !== container;
  const half = pair && `${idle ? "idle" : "working"} half of a hot-upgrade pair`;
  const native = list === "initContainers" && isNativeSidecar(sidecar) ? "native sidecar" : undefined;
  const tag = idle ? undefined : overrideOf(telling, "imageTag");
  return [place, native, half, tag && `image tag ${byAnnotation(tag).because}`]
    .filter((part) => part !== undefined)
    .join(", ");
}

/** What an annotation of the pod has changed in the container. */
function overrideOf({ owner, list, container }: Telling, what: string): RequestedOverride | undefined {
  return owner[list].find((one) => one.container === container)?.overrides.find((one) => one.what === what);
}

function byAnnotation({ annotation }: RequestedOverride): Source & { readonly because: string } {
  return { field: ".podOverrides", because: `by annotation ${annotation}` };
}

type Source = Pick<Told, "field" | "because">;

function envSource(telling: Telling, variable: EnvVar): Source {
  const { sidecar, context, container } = telling;
  const own = sidecar.env?.indexOf(variable) ?? -1;
  if (own >= 0) return { field: `.env[${own}]` };
  if (variable === INJECTED_ENV) return { because: "marks injected containers" };
  const override = overrideOf(telling, `env:${variable.name}`);
  if (override && override.value === variable.value) return byAnnotation(override);
  const from = context.pod.containers.find((source) =>
    source.env?.some((one) => takenOverVariable(one, source) === variable),
  );
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
  if (own >= 0) return { field: `.volumeMounts[${own}]` };
  const from = context.pod.containers.find(({ volumeMounts }) => volumeMounts?.includes(mount));
  return from ? { field: ".shareVolumePolicy", because: `from container ${from.name}` } : MADE_FOR_THIS_POD;
}

type VolumeDevice = NonNullable<Container["volumeDevices"]>[number];

function deviceSource({ sidecar, context }: Telling, device: VolumeDevice): Source {
  const own = sidecar.volumeDevices?.indexOf(device) ?? -1;
  if (own >= 0) return { field: `.volumeDevices[${own}]` };
  const from = context.pod.containers.find(({ volumeDevices }) => volumeDevices?.includes(device));
  return from ? { field: ".shareVolumeDevicePolicy", because: `from container ${from.name}` } : MADE_FOR_THIS_POD;
}

/** The sidecar's own amounts are told of too: they are what the pod will cost. */
function resources(telling: Telling): readonly Addition[] {
  const { container, sidecar } = telling;
  const isOwn = sidecar.resourcesPolicy === undefined;
  const seen = isOwn ? undefined : seenBy(telling);
  return (["requests", "limits"] as const).flatMap((field) =>
    Object.entries(amountsOf(container.resources, field)).map(([resource, amount]) => {
      const path = `.resources.${field}.${resource}`;
      const told = { path, name: `${field}.${resource}`, value: String(amount) };
      const source = isOwn ? { field: path } : computedFrom(telling, [field, resource], seen);
      return line(telling, "resources", { ...told, ...source, ...overriddenAmount(telling, [field, resource]) });
    }),
  );
}

function amountsOf(resources: JsonObject | undefined, field: Amount[0]): JsonObject {
  const amounts = resources?.[field];
  return isJsonObject(amounts) ? amounts : {};
}

function overriddenAmount(telling: Telling, [field, resource]: Amount): Source | undefined {
  const override = overrideOf(telling, "resources");
  const amounts = override && (JSON.parse(override.value) as Partial<Record<Amount[0], JsonObject>>);
  return override && amounts?.[field]?.[resource] !== undefined ? byAnnotation(override) : undefined;
}

type Amount = readonly [field: "requests" | "limits", resource: string];

function seenBy({ sidecar, context }: Telling): ResourcesSeen | undefined {
  const seen = resourcesSeen({
    pod: { spec: { ...context.pod } },
    sidecar,
    otherSidecarNames: context.sidecarNames,
    compilePattern: context.compilePattern,
  });
  return seen.ok ? seen.value : undefined;
}

function computedFrom({ sidecar }: Telling, [field, resource]: Amount, seen: ResourcesSeen | undefined): Source {
  const policy = sidecar.resourcesPolicy;
  if (resource !== "cpu" && resource !== "memory") return MADE_FOR_THIS_POD;
  const expression = policy?.resourcesExpr[field]?.[resource];
  const had = seen?.[field][resource];
  if (!policy || !expression || had === undefined) return MADE_FOR_THIS_POD;
  const of = `${policy.targetContainersMode} of ${seen?.containers.join(", ")}`;
  return { field: ".resourcesPolicy", because: `${expression} where ${resource} is ${had}, the ${of}` };
}

/** What a variable holds may be nobody's business; where it comes from is. */
function originOf({ valueFrom }: EnvVar): string {
  const [origin] = isJsonObject(valueFrom) ? Object.keys(valueFrom) : [];
  return origin === undefined ? "" : `(${origin})`;
}
