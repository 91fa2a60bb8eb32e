import { compareUtf8 } from "../kube/goJson.ts";
import type { JsonObject } from "../kube/object.ts";
import type { CompilePattern } from "../kube/pattern.ts";
import type { Container, Volume } from "../kube/pod.ts";
import { hotUpgradeNames } from "../pod/bookkeeping.ts";
import { err, ok, type Result } from "../result.ts";
import type { SidecarContainer, SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { buildSidecar } from "./buildSidecar.ts";
import type { ChosenRevision } from "./chooseRevision.ts";
import { type HotUpgradePair, hotUpgradePair, isHotUpgrade } from "./hotUpgradePair.ts";
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
}

export interface BuiltContainer {
  readonly sidecarSet: string;
  readonly container: Container;
  readonly place: "front" | "back";
}

/** What building a set needs to know of the injection it is part of. */
export interface BuildContext {
  readonly pod: SourcePod;
  /** Of all sets that take part: resource policies do not count these. */
  readonly sidecarNames: readonly string[];
  readonly compilePattern: CompilePattern;
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
  const sidecars = sidecarsOf(set);
  return ok({
    revision,
    initContainers: initContainers.value.flatMap(({ built }) => built),
    containers: containers.value.flatMap(({ built }) => built),
    hotUpgradePairs: [...initContainers.value, ...containers.value].flatMap(({ pair }) => pair ?? []),
    sidecarList: sidecars
      .filter(({ runs }) => runs)
      .map(({ sidecar }) => sidecar.name)
      .sort(compareUtf8),
    volumes: mountedVolumes(
      set,
      sidecars.map(({ sidecar }) => sidecar),
    ),
  });
}

interface BuiltSidecar {
  readonly built: readonly BuiltContainer[];
  readonly pair?: HotUpgradePair;
}

function buildList(
  list: "initContainers" | "containers",
  set: SidecarSet,
  context: BuildContext,
): Result<readonly BuiltSidecar[], InjectionError> {
  const built: BuiltSidecar[] = [];
  for (const [index, sidecar] of (set.spec[list] ?? []).entries()) {
    const resources = computedResources(sidecar, context);
    if (!resources.ok) return err(rejection(set.name, `spec.${list}[${index}]`, resources.error));
    const single = buildSidecar(sidecar, context.pod, resources.value);
    const runs = list === "containers" || isNative(sidecar);
    const pair = runs && isHotUpgrade(sidecar) ? hotUpgradePair(single, sidecar) : undefined;
    const containers = pair?.containers ?? [single];
    built.push({ built: containers.map((container) => placed(container, sidecar, set)), ...(pair && { pair }) });
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
export function injectedNames(set: SidecarSet): readonly string[] {
  return sidecarsOf(set).flatMap(({ sidecar, runs }) =>
    runs && isHotUpgrade(sidecar) ? Object.values(hotUpgradeNames(sidecar.name)) : [sidecar.name],
  );
}

/** Their names in the SidecarSet. */
export function baseNames(set: SidecarSet): readonly string[] {
  return sidecarsOf(set).map(({ sidecar }) => sidecar.name);
}

/** All containers of a set, and whether they keep running: plain init containers do not. */
function sidecarsOf({ spec }: SidecarSet): readonly { readonly sidecar: SidecarContainer; readonly runs: boolean }[] {
  return [
    ...(spec.initContainers ?? []).map((sidecar) => ({ sidecar, runs: isNative(sidecar) })),
    ...(spec.containers ?? []).map((sidecar) => ({ sidecar, runs: true })),
  ];
}

function isNative(sidecar: SidecarContainer): boolean {
  return sidecar.restartPolicy === "Always";
}

function placed(container: Container, { podInjectPolicy }: SidecarContainer, { name }: SidecarSet): BuiltContainer {
  return { sidecarSet: name, container, place: podInjectPolicy === "BeforeAppContainer" ? "front" : "back" };
}

/** Where a set defines a volume twice, the last definition counts. */
function mountedVolumes({ spec }: SidecarSet, sidecars: readonly SidecarContainer[]): readonly Volume[] {
  const byName = new Map(spec.volumes.map((volume) => [volume.name, volume]));
  const used = sidecars.flatMap(({ volumeMounts = [], volumeDevices = [] }) => [...volumeMounts, ...volumeDevices]);
  return used.flatMap(({ name }) => byName.get(name) ?? []);
}
