import type { ControllerRevision, JsonObject } from "../../core/kube/object.ts";
import { podsText } from "../../core/rollout/rolloutSummary.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { undoPatch } from "../../core/sidecarSet/undoPatch.ts";
import {
  changeSidecarSet,
  type NoChange,
  type SetChangeProposal,
  type WriteOptions,
} from "../change/changeSidecarSet.ts";
import { revisionNamed, revisionsOf, systemNamespaceFlag } from "../change/ownRevisions.ts";
import { paceText, reachOf, stoppedAll } from "../change/reach.ts";
import type { StoredSet } from "../change/storedSet.ts";
import { CommandError } from "../exitCode.ts";
import { dnsLabel } from "../preflight.ts";

interface UndoOptions extends WriteOptions {
  readonly toRevision?: string;
  readonly systemNamespace: string;
}

/** Gives a SidecarSet the template of an earlier revision again; strategies stay as they are. */
export async function undo(name: string, options: UndoOptions): Promise<void> {
  const systemNamespace = dnsLabel("--system-namespace", options.systemNamespace);
  await changeSidecarSet(name, options, async (present) => {
    const { set, cluster } = present;
    const revisions = await revisionsOf(cluster, set, systemNamespace);
    if (revisions.length > 0) return proposal(present, revisions, options);
    throw new CommandError(
      `there is no revision of SidecarSet "${name}" in namespace ${systemNamespace}; is --system-namespace right?`,
    );
  });
}

function proposal(
  stored: StoredSet,
  revisions: readonly ControllerRevision[],
  options: UndoOptions,
): SetChangeProposal | NoChange {
  const { set } = stored;
  const { revision, patch } = chosen(stored, revisions, options.toRevision);
  if (patch === undefined) return { nothing: `has the template of revision ${revision.revision} already` };
  const back = `back to revision ${revision.revision} (${revision.metadata.name})`;
  const latest = revisions.find(({ metadata }) => metadata.name === set.status.latestRevision) ?? revisions.at(-1)!;
  return {
    spec: patch,
    done: `goes ${back}`,
    wouldBe: `would go ${back}`,
    effects: [following(set)],
    warnings: stoppedAll(set, options),
    asks: true,
    takeBack: [
      "undo",
      set.name,
      "--to-revision",
      latest.metadata.name ?? "",
      ...systemNamespaceFlag(options.systemNamespace),
    ],
  };
}

function following(set: SidecarSet): string {
  const reach = reachOf(set);
  const pace = set.spec.updateStrategy.paused ? ", which is paused" : paceText(reach);
  return `${podsText(reach.pods)} ${reach.pods === 1 ? "carries" : "carry"} it and follow as its updateStrategy says${pace}`;
}

interface Target {
  readonly revision: ControllerRevision;
  /** Undefined: the set has that template. */
  readonly patch: JsonObject | undefined;
}

/** The revision asked for by number or name; else the newest one with another template than the present. */
function chosen(
  { set, spec }: StoredSet,
  revisions: readonly ControllerRevision[],
  wanted: string | undefined,
): Target {
  const target = (revision: ControllerRevision): Target => {
    const patch = undoPatch(set, spec, revision);
    if (patch.ok) return { revision, patch: patch.value };
    throw new CommandError(
      `revision ${revision.revision} (${revision.metadata.name}) cannot be restored: ${patch.error}`,
    );
  };
  if (wanted !== undefined) return target(revisionNamed("--to-revision", wanted, revisions));
  for (const revision of revisions.toReversed()) {
    const candidate = target(revision);
    if (candidate.patch !== undefined) return candidate;
  }
  throw new CommandError(`SidecarSet "${set.name}" has no earlier revision to go back to`);
}
