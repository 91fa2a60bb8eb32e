import { jsonEqual } from "../kube/jsonPatch.ts";
import type { Json } from "../kube/object.ts";
import type { Volume } from "../kube/pod.ts";
import type { BuiltSidecarSet } from "./buildSidecarSet.ts";
import { finderByName } from "./finderByName.ts";

export interface MergedVolumes {
  readonly added: readonly Volume[];
  /** A volume of the same name but with another content was there first and is used instead. */
  readonly warnings: readonly string[];
}

/** Of each name the first volume counts: the pod's own, then those of the SidecarSets in their order. */
export function mergeVolumes(incoming: readonly Volume[], built: readonly BuiltSidecarSet[]): MergedVolumes {
  const wanted = built.reduce((sum, { volumes }) => sum + volumes.length, 0);
  const inPod = finderByName(incoming, "last", wanted);
  const added = new Map<string, Volume>();
  const warnings = new Set<string>();
  for (const { revision, volumes } of built) {
    for (const volume of volumes) {
      const other = inPod(volume.name) ?? added.get(volume.name);
      if (other === undefined) added.set(volume.name, volume);
      else if (!jsonEqual(other as Json, volume as Json)) {
        warnings.add(
          `volume "${volume.name}" of SidecarSet ${revision.set.name} is not the one of that name in the pod, which is used`,
        );
      }
    }
  }
  return { added: [...added.values()], warnings: [...warnings] };
}
