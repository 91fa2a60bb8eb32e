import { keepText } from "../kube/keptText.ts";
import type { JsonObject } from "../kube/object.ts";
import type { CompilePattern } from "../kube/pattern.ts";
import type { Container, Volume } from "../kube/pod.ts";
import { oncePer } from "../oncePer.ts";
import type { RequestedOverride } from "../pod/podOverrides.ts";
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
  const collected: Collected = { initContainers: [], containers: [], hotUpgradePairs: [], warnings: [] };
  const failed =
    buildList("initContainers", set, context, collected) ?? buildList("containers", set, context, collected);
  if (failed) return err(failed);
  const { initContainers, containers, hotUpgradePairs, warnings } = collected;
  return ok({ revision, initContainers, containers, hotUpgradePairs, volumes: mountedVolumes(set), warnings });
}

/** Filled in place: every admission comes through here, and most sets have one sidecar. */
interface Collected {
  readonly initContainers: BuiltContainer[];
  readonly containers: BuiltContainer[];
  readonly hotUpgradePairs: HotUpgradePair[];
  readonly warnings: string[];
}

function buildList(
  list: "initContainers" | "containers",
  set: SidecarSet,
  context: BuildContext,
  collected: Collected,
): InjectionError | undefined {
  const sidecars = set.spec[list] ?? [];
  for (let index = 0; index < sidecars.length; index += 1) {
    const sidecar = sidecars[index]!;
    const resources = computedResources(sidecar, context);
    if (!resources.ok) return rejection(set.name, `spec.${list}[${index}]`, resources.error);
    const computed = resources.value ? { ...sidecar, resources: resources.value } : sidecar;
    const overridden = applyOverrides(computed, context.overrides);
    const single = buildSidecar(overridden.sidecar, context.pod);
    const pair = isPair(sidecar, list) ? hotUpgradePair(single.container, sidecar) : undefined;
    if (pair) collected.hotUpgradePairs.push(pair);
    for (const container of pair?.containers ?? [single.container]) {
      collected[list].push({ sidecarSet: set.name, container, place: placeOf(sidecar), overrides: overridden.applied });
    }
    for (const refused of overridden.refused) collected.warnings.push(warningOf(set, refusalText(refused)));
    for (const warning of single.warnings) collected.warnings.push(warningOf(set, warning));
  }
  return undefined;
}

function warningOf({ name }: SidecarSet, warning: string): string {
  return `SidecarSet ${name}: ${warning}`;
}

function placeOf({ podInjectPolicy }: SidecarContainer): BuiltContainer["place"] {
  return podInjectPolicy === "BeforeAppContainer" ? "front" : "back";
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

/** Where a set defines a volume twice, the last definition counts. */
const mountedVolumes = oncePer(({ spec }: SidecarSet): readonly Volume[] => {
  const sidecars = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const byName = new Map(spec.volumes.map((volume) => [volume.name, keepText(volume)]));
  const used = sidecars.flatMap(({ volumeMounts = [], volumeDevices = [] }) => [...volumeMounts, ...volumeDevices]);
  return used.flatMap(({ name }) => byName.get(name) ?? []);
});
