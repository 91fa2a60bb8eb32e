import type { SidecarSet } from "../sidecarSet.ts";
import { type Finding, finding, shown } from "./finding.ts";

/** The pods of a cluster, counted for one SidecarSet. */
export interface Fleet {
  /** In the whole cluster. */
  readonly pods: number;
  /** By selector and namespaceSelector, whether or not they carry the sidecars. */
  readonly selected: number;
  /** Those with the sidecars, and of these the ones that the update selector lets through. */
  readonly carried: number;
  readonly updatable: number;
  /** Label of a scatter term → how many of those with the sidecars lack it. */
  readonly lacking: ReadonlyMap<string, number>;
}

/** What is legal in a SidecarSet, but hurts the pods that there are. */
export function lintFleet(set: SidecarSet, fleet: Fleet): readonly Finding[] {
  return [...selectionFindings(set, fleet), ...scatterFindings(fleet)];
}

function selectionFindings({ spec }: SidecarSet, { pods, selected, carried, updatable }: Fleet): readonly Finding[] {
  if (pods > 0 && selected === 0) {
    return finding("L04", "spec.selector", `selects none of ${pods} pods, with spec.namespaceSelector if there is one`);
  }
  if (selected > pods / 2) {
    const message = `selects ${selected} of ${pods} pods, more than half of the cluster; make sure that is meant`;
    return finding("L04", "spec.selector", message);
  }
  if (spec.updateStrategy.selector === undefined || carried === 0 || updatable > 0) return [];
  return finding("L04", "spec.updateStrategy.selector", `selects none of the ${carried} pods with the sidecars (U04)`);
}

function scatterFindings({ carried, lacking }: Fleet): readonly Finding[] {
  return [...lacking]
    .filter(([, pods]) => pods > 0)
    .flatMap(([key, pods]) => {
      const message = `${pods} of ${carried} pods have no label ${shown(key)}: they are one group together; label them, or scatter by another label`;
      return finding("L09", "spec.updateStrategy.scatterStrategy", message);
    });
}
