import type { Cluster } from "../../cluster/cluster.ts";
import { sidecarSetReader } from "../../cluster/readSidecarSet.ts";
import { SIDECAR_SETS } from "../../cluster/resource.ts";
import { openSet } from "../../core/explanation/explainPod.ts";
import { type RolloutView, rolloutView } from "../../core/explanation/rolloutView.ts";
import { injectionRules } from "../../core/injection/injectionRules.ts";
import { CommandError } from "../exitCode.ts";
import { readWorld } from "../explain/clusterWorld.ts";

/** Every SidecarSet as its status tells; pods are not looked at. Rejects with a ClusterError. */
export async function allViews(cluster: Cluster): Promise<readonly RolloutView[]> {
  const { items } = await cluster.list(SIDECAR_SETS);
  const read = sidecarSetReader((_level, message, fields) => {
    process.stderr.write(`note: ${message}: ${String(fields?.sidecarset)}: ${String(fields?.errors)}\n`);
  });
  return items
    .flatMap((object) => read(object) ?? [])
    .map((set) => rolloutView(set))
    .toSorted((one, other) => (one.sidecarSet < other.sidecarSet ? -1 : 1));
}

/** One SidecarSet with its pods as they are now. Rejects with a ClusterError, or a CommandError where there is none. */
export async function viewOf(cluster: Cluster, name: string, systemNamespace: string): Promise<RolloutView> {
  const now = Date.now();
  const world = await readWorld(cluster, { systemNamespace, ...injectionRules({ systemNamespace }) }, now);
  const set = world.sidecarSets.find((each) => each.name === name);
  if (!set)
    throw missing(
      name,
      world.sidecarSets.map((each) => each.name),
    );
  const { status, entries, rules } = openSet(set, world);
  return rolloutView(set, { status, entries: entries.values(), rules, revisions: world.revisions, now });
}

export function missing(name: string, known: readonly string[]): CommandError {
  return new CommandError(`there is no SidecarSet "${name}"; there are: ${known.join(", ") || "none"}`);
}
