import type { JsonObject } from "../kube/object.ts";
import type { CompilePattern } from "../kube/pattern.ts";
import type { Container, Volume } from "../kube/pod.ts";
import { sidecarNames } from "../pod/sidecars.ts";
import { err, ok, type Result } from "../result.ts";
import { isPair, namesInPod } from "../sidecarSet/sidecarKind.ts";
import type { SidecarContainer, SidecarSet } from "../sidecarSet/sidecarSet.ts";
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
  return ok({
    revision,
    initContainers: initContainers.value.flatMap(({ built }) => built),
    containers: containers.value.flatMap(({ built }) => built),
    hotUpgradePairs: [...initContainers.value, ...containers.value].flatMap(({ pair }) => pair ?? []),
    sidecarList: sidecarNames(set.spec),
    volumes: mountedVolumes(set),
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
    const pair = isPair(sidecar, list) ? hotUpgradePair(single, sidecar) : undefined;
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
export function injectedNames({ spec }: SidecarSet): readonly string[] {
  return [
    ...(spec.initContainers ?? []).flatMap((sidecar) => namesInPod(sidecar, "initContainers")),
    ...(spec.containers ?? []).flatMap((sidecar) => namesInPod(sidecar, "containers")),
  ];
}

/** Their names in the SidecarSet. */
export function baseNames({ spec }: SidecarSet): readonly string[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map(({ name }) => name);
}

function placed(container: Container, { podInjectPolicy }: SidecarContainer, { name }: SidecarSet): BuiltContainer {
  return { sidecarSet: name, container, place: podInjectPolicy === "BeforeAppContainer" ? "front" : "back" };
}

/** Where a set defines a volume twice, the last definition counts. */
function mountedVolumes({ spec }: SidecarSet): readonly Volume[] {
  const sidecars = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const byName = new Map(spec.volumes.map((volume) => [volume.name, volume]));
  const used = sidecars.flatMap(({ volumeMounts = [], volumeDevices = [] }) => [...volumeMounts, ...volumeDevices]);
  return used.flatMap(({ name }) => byName.get(name) ?? []);
}
