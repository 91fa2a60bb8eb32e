import { compareUtf8 } from "../kube/goJson.ts";
import { oncePer } from "../oncePer.ts";
import type { Result } from "../result.ts";
import { err, ok } from "../result.ts";
import { overrideAnnotation } from "../sidecarSet/overrideAnnotation.ts";
import { isHotUpgrade, isNativeSidecar } from "../sidecarSet/sidecarKind.ts";
import type { SidecarContainer, SidecarSetSpec } from "../sidecarSet/sidecarSet.ts";
import { hotUpgradeNames, workingTwin } from "./bookkeeping.ts";
import { imageWithTag } from "./podOverrides.ts";
import type { ContainerRecord, PodRecord } from "./podRecord.ts";

/** One container of a SidecarSet that an upgrade in place can change. */
export interface Sidecar {
  readonly name: string;
  readonly image: string;
  /** Which list of the pod holds it; native sidecars live among the init containers. */
  readonly list: "containers" | "initContainers";
  readonly hot: boolean;
  /** Image of the idle half of a hot-upgrade pair; empty when the set names none. */
  readonly emptyImage: string;
  /** By which a pod may choose another tag for the image; undefined: the set does not let it. */
  readonly tagAnnotation: string | undefined;
  /** The tag is the pod's choice. */
  readonly overridden: boolean;
}

/** A sidecar as it stands in a pod: one container, or a pair of which one works and the other idles. */
export type CarriedSidecar =
  | { readonly kind: "single"; readonly sidecar: Sidecar; readonly container: ContainerRecord }
  | {
      readonly kind: "pair";
      readonly sidecar: Sidecar;
      readonly working: ContainerRecord;
      readonly idle: ContainerRecord;
    };
export type CarriedPair = Extract<CarriedSidecar, { kind: "pair" }>;

/** Regular containers in the order of the set, then native sidecars. Plain init containers have ended before an upgrade could come. */
export function sidecarsOf(spec: SidecarSetSpec): readonly Sidecar[] {
  const native = (spec.initContainers ?? []).filter(
    (container) => isNativeSidecar(container) && !isHotUpgrade(container),
  );
  return [
    ...(spec.containers ?? []).map((container) => sidecarOf(container, "containers")),
    ...native.map((container) => sidecarOf(container, "initContainers")),
  ];
}

/** The names that injection and upgrades record, in the hash annotation's `sidecarList`. */
export const sidecarNames = oncePer((spec: SidecarSetSpec): readonly string[] => {
  const native = (spec.initContainers ?? []).filter(isNativeSidecar);
  return [...new Set([...(spec.containers ?? []), ...native].map(({ name }) => name))].sort(compareUtf8);
});

/**
 * Finds a set's sidecars in a pod, each with the image that it is to have there. A native sidecar may be missing (the pod is older
 * than it), a regular one may not.
 * @returns the sidecars, or the name of the container that the pod lacks
 */
export function carriedSidecars(
  pod: PodRecord,
  sidecars: readonly Sidecar[],
  workingContainers: ReadonlyMap<string, string>,
): Result<readonly CarriedSidecar[], string> {
  const carried: CarriedSidecar[] = [];
  for (const ofAll of sidecars) {
    const sidecar = asChosenBy(pod, ofAll);
    const list = pod[sidecar.list];
    if (sidecar.hot) {
      const { first, second } = hotUpgradeNames(sidecar.name);
      const { working, idle } = workingTwin(workingContainers, sidecar.name);
      const twins = { working: containerNamed(working, list), idle: containerNamed(idle, list) };
      if (!workingContainers.has(sidecar.name) || !containerNamed(first, list)) return err(first);
      if (!twins.working || !twins.idle) return err(second);
      carried.push({ kind: "pair", sidecar, working: twins.working, idle: twins.idle });
      continue;
    }
    const container = containerNamed(sidecar.name, list);
    if (container) carried.push({ kind: "single", sidecar, container });
    else if (sidecar.list === "containers") return err(sidecar.name);
  }
  return ok(carried);
}

/** The one container, or the two of a pair. */
export function namesInList({ name, hot }: Pick<Sidecar, "name" | "hot">): readonly string[] {
  return hot ? Object.values(hotUpgradeNames(name)) : [name];
}

export function containerNamed(name: string, list: readonly ContainerRecord[]): ContainerRecord | undefined {
  for (const container of list) if (container.name === name) return container;
  return undefined;
}

/** A tag that is none counts as no choice: the pod was created so, with a warning. */
function asChosenBy({ annotations }: PodRecord, sidecar: Sidecar): Sidecar {
  const tag = sidecar.tagAnnotation === undefined ? undefined : annotations[sidecar.tagAnnotation];
  const image = tag === undefined ? undefined : imageWithTag(sidecar.image, tag);
  return image === undefined || image === sidecar.image ? sidecar : { ...sidecar, image, overridden: true };
}

/** The container that works runs the tag of the pod's choice instead of the set's. */
export function keepsOwnTag(carried: CarriedSidecar): boolean {
  const { image } = carried.kind === "single" ? carried.container : carried.working;
  return carried.sidecar.overridden && image === carried.sidecar.image;
}

export function containersOf(carried: readonly CarriedSidecar[]): readonly ContainerRecord[] {
  const containers: ContainerRecord[] = [];
  for (const one of carried) {
    if (one.kind === "single") containers.push(one.container);
    else containers.push(one.working, one.idle);
  }
  return containers;
}

function sidecarOf(container: SidecarContainer, list: Sidecar["list"]): Sidecar {
  return {
    name: container.name,
    image: container.image ?? "",
    list,
    hot: isHotUpgrade(container),
    emptyImage: container.upgradeStrategy.hotUpgradeEmptyImage ?? "",
    tagAnnotation: container.podOverrides?.includes("imageTag")
      ? overrideAnnotation(container.name, "imageTag")
      : undefined,
    overridden: false,
  };
}
