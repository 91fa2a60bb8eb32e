import { compareUtf8 } from "../kube/goJson.ts";
import type { Container, Volume } from "../kube/pod.ts";
import { hotUpgradeNames } from "../pod/bookkeeping.ts";
import type { SidecarContainer, SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { buildSidecar } from "./buildSidecar.ts";
import type { ChosenRevision } from "./chooseRevision.ts";
import { type HotUpgradePair, hotUpgradePair, isHotUpgrade } from "./hotUpgradePair.ts";
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

export function buildSidecarSet(revision: ChosenRevision, pod: SourcePod): BuiltSidecarSet {
  const { set } = revision;
  const pairs: HotUpgradePair[] = [];
  const build = (sidecar: SidecarContainer, runs: boolean): readonly BuiltContainer[] => {
    const single = buildSidecar(sidecar, pod);
    if (!runs || !isHotUpgrade(sidecar)) return [placed(single, sidecar, set)];
    const pair = hotUpgradePair(single, sidecar);
    pairs.push(pair);
    return pair.containers.map((container) => placed(container, sidecar, set));
  };
  const initContainers = set.spec.initContainers ?? [];
  const containers = set.spec.containers ?? [];
  return {
    revision,
    initContainers: initContainers.flatMap((sidecar) => build(sidecar, isNative(sidecar))),
    containers: containers.flatMap((sidecar) => build(sidecar, true)),
    hotUpgradePairs: pairs,
    sidecarList: [...initContainers.filter(isNative), ...containers].map(({ name }) => name).sort(compareUtf8),
    volumes: mountedVolumes(set, [...initContainers, ...containers]),
  };
}

/** The names that the containers of a set have in a pod. */
export function injectedNames({ spec }: SidecarSet): readonly string[] {
  const names = (sidecar: SidecarContainer, runs: boolean): readonly string[] =>
    runs && isHotUpgrade(sidecar) ? Object.values(hotUpgradeNames(sidecar.name)) : [sidecar.name];
  return [
    ...(spec.initContainers ?? []).flatMap((sidecar) => names(sidecar, isNative(sidecar))),
    ...(spec.containers ?? []).flatMap((sidecar) => names(sidecar, true)),
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
