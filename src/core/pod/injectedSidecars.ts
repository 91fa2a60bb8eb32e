import { err, ok, type Result } from "../result.ts";
import { hotUpgradeNames, readBookkeeping, workingTwin } from "./bookkeeping.ts";

/** One sidecar of a pod, and the container of it that works. */
export interface InjectedSidecar {
  readonly sidecarSet: string;
  /** As the SidecarSet calls it. */
  readonly name: string;
  readonly container: string;
}

/** By what the pod itself records; of a hot-upgrade pair the half that works. Records of the oldest form do not name sidecars. */
export function injectedSidecars(annotations: Readonly<Record<string, string>> = {}): readonly InjectedSidecar[] {
  const { hash, workingContainers } = readBookkeeping(annotations);
  return [...hash.entries].flatMap(([sidecarSet, { sidecarList }]) =>
    (sidecarList ?? []).map((name) => ({
      sidecarSet,
      name,
      container: workingContainers.has(name) ? workingTwin(workingContainers, name).working : name,
    })),
  );
}

/**
 * The sidecar that is meant.
 * @param wanted a sidecar by its name, or either half of a pair by the container's; and the SidecarSet it is from
 * @returns what there is to choose from, when the wish fits none or several
 */
export function chosenSidecar(
  sidecars: readonly InjectedSidecar[],
  wanted: { readonly container?: string | undefined; readonly sidecarSet?: string | undefined },
): Result<InjectedSidecar, readonly InjectedSidecar[]> {
  const ofSet = sidecars.filter(
    ({ sidecarSet }) => wanted.sidecarSet === undefined || sidecarSet === wanted.sidecarSet,
  );
  const { container } = wanted;
  if (container === undefined) return ofSet.length === 1 ? ok(ofSet[0]!) : err(ofSet);
  const byName = ofSet.filter(({ name }) => name === container);
  if (byName.length === 1) return ok(byName[0]!);
  const half = ofSet.find(({ name }) => Object.values(hotUpgradeNames(name)).includes(container));
  return half && half.container !== half.name ? ok({ ...half, container }) : err(ofSet);
}
