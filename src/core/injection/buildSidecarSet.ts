import type { JsonObject } from "../kube/object.ts";
import type { CompilePattern } from "../kube/pattern.ts";
import type { Container, Volume } from "../kube/pod.ts";
import { oncePer } from "../oncePer.ts";
import type { RequestedOverride } from "../pod/podOverrides.ts";
import { sidecarNames } from "../pod/sidecars.ts";
import { err, ok, type Result } from "../result.ts";
import { isPair, namesInPod } from "../sidecarSet/sidecarKind.ts";
import type { SidecarContainer, SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { applyOverrides, refusalText } from "./applyOverrides.ts";
import { buildSidecar } from "./buildSidecar.ts";
import type { ChosenRevision } from "./chooseRevision.ts";
import { type HotUpgradePair, hotUpgradePair } from "./hotUpgradePair.ts";
import { type InjectionError, rejection } from "./injectionReason.ts";
import { applyResourcesPolicy } from "./resourcesPolicy.ts";
import type { SourcePod } from "./sourcePod.ts";

/** All that one SidecarSet adds to a pod, not yet placed. */
export interface BuiltSidecarSet {
  readonly revision: ChosenRevision;
  readonly initContainers: readonly BuiltContainer[];
  readonly containers: readonly BuiltContainer[];
  readonly hotUpgradePairs: readonly HotUpgradePair[];
  /** Base names of the containers that keep running, sorted: regular ones and native sidecars. */
  readonly sidecarList: readonly string[];
  /** Those that the containers mount themselves, in the order of their first use; a name may come up again. */
  readonly volumes: readonly Volume[];
  /** For the person who created the pod. */
  readonly warnings: readonly string[];
}

export interface BuiltContainer {
  readonly sidecarSet: string;
  readonly container: Container;
  readonly place: "front" | "back";
  /** What annotations of the pod changed in it. */
  readonly overrides: readonly RequestedOverride[];
}

/** What building a set needs to know of the injection it is part of. */
export interface BuildContext {
  readonly pod: SourcePod;
  /** Of all sets that take part: resource policies do not count these. */
  readonly sidecarNames: readonly string[];
  readonly compilePattern: CompilePattern;
  /** By annotations of the pod, for sidecars of any set. */
  readonly overrides: readonly RequestedOverride[];
}

export function buildSidecarSet(
  revision: ChosenRevision,
  context: BuildContext,
): Result<BuiltSidecarSet, InjectionError> {
  const { set } = revision;
  const initContainers = buildList("initContainers", set, context);
  if (!initContainers.ok) return initContainers;
  const containers = buildList("containers", set, context);
  if (!containers.ok) return containers;
  return ok({
    revision,
    initContainers: initContainers.value.flatMap(({ built }) => built),
    containers: containers.value.flatMap(({ built }) => built),
    hotUpgradePairs: [...initContainers.value, ...containers.value].flatMap(({ pair }) => pair ?? []),
    sidecarList: sidecarNames(set.spec),
    volumes: mountedVolumes(set),
    warnings: [...initContainers.value, ...containers.value].flatMap(({ warnings }) =>
      warnings.map((warning) => `SidecarSet ${set.name}: ${warning}`),
    ),
  });
}

interface PlacedSidecar {
  readonly built: readonly BuiltContainer[];
  readonly pair?: HotUpgradePair;
  readonly warnings: readonly string[];
}

function buildList(
  list: "initContainers" | "containers",
  set: SidecarSet,
  context: BuildContext,
): Result<readonly PlacedSidecar[], InjectionError> {
  const built: PlacedSidecar[] = [];
  for (const [index, sidecar] of (set.spec[list] ?? []).entries()) {
    const resources = computedResources(sidecar, context);
    if (!resources.ok) return err(rejection(set.name, `spec.${list}[${index}]`, resources.error));
    const computed = resources.value ? { ...sidecar, resources: resources.value } : sidecar;
    const overridden = applyOverrides(computed, context.overrides);
    const single = buildSidecar(overridden.sidecar, context.pod);
    const pair = isPair(sidecar, list) ? hotUpgradePair(single.container, sidecar) : undefined;
    const containers = pair?.containers ?? [single.container];
    built.push({
      built: containers.map((container) => ({ ...placed(container, sidecar, set), overrides: overridden.applied })),
      ...(pair && { pair }),
      warnings: [...overridden.refused.map(refusalText), ...single.warnings],
    });
  }
  return ok(built);
}

function computedResources(sidecar: SidecarContainer, context: BuildContext): Result<JsonObject | undefined, string> {
  if (sidecar.resourcesPolicy === undefined) return ok(undefined);
  return applyResourcesPolicy({
    pod: { spec: { containers: context.pod.containers, initContainers: context.pod.initContainers } },
    sidecar,
    otherSidecarNames: context.sidecarNames,
    compilePattern: context.compilePattern,
  });
}

/** The names that the containers of a set have in a pod. */
export const injectedNames = oncePer(({ spec }: SidecarSet): readonly string[] => [
  ...(spec.initContainers ?? []).flatMap((sidecar) => namesInPod(sidecar, "initContainers")),
  ...(spec.containers ?? []).flatMap((sidecar) => namesInPod(sidecar, "containers")),
]);

/** Their names in the SidecarSet. */
export const baseNames = oncePer(({ spec }: SidecarSet): readonly string[] =>
  [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map(({ name }) => name),
);

function placed(container: Container, { podInjectPolicy }: SidecarContainer, { name }: SidecarSet) {
  const place = podInjectPolicy === "BeforeAppContainer" ? ("front" as const) : ("back" as const);
  return { sidecarSet: name, container, place };
}

/** Where a set defines a volume twice, the last definition counts. */
const mountedVolumes = oncePer(({ spec }: SidecarSet): readonly Volume[] => {
  const sidecars = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const byName = new Map(spec.volumes.map((volume) => [volume.name, volume]));
  const used = sidecars.flatMap(({ volumeMounts = [], volumeDevices = [] }) => [...volumeMounts, ...volumeDevices]);
  return used.flatMap(({ name }) => byName.get(name) ?? []);
});
