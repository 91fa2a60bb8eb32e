import { isClusterError } from "../../cluster/clusterError.ts";
import { applyMergePatch } from "../../core/kube/mergePatch.ts";
import type { ControllerRevision, JsonObject, KubeObject } from "../../core/kube/object.ts";
import { partitionOf } from "../../core/rollout/budget.ts";
import { podsText } from "../../core/rollout/rolloutSummary.ts";
import { imagePatch } from "../../core/sidecarSet/imagePatch.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import {
  changeSidecarSet,
  type NoChange,
  type Present,
  type SetChangeProposal,
  type WriteOptions,
} from "../change/changeSidecarSet.ts";
import { revisionsOf, systemNamespaceFlag } from "../change/ownRevisions.ts";
import { paceText, reachOf, stoppedAll } from "../change/reach.ts";
import { asStored } from "../change/storedSet.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { didYouMean } from "../nearestName.ts";
import { dnsLabel } from "../preflight.ts";
import { plannedRevisions } from "../simulation/plannedRevisions.ts";
import { setChanges } from "../simulation/setChanges.ts";

interface SetImageOptions extends WriteOptions {
  readonly systemNamespace: string;
}

/** Gives sidecars of a SidecarSet other images, and says what becomes of a rollout that is under way. */
export async function setImage(name: string, images: readonly string[], options: SetImageOptions): Promise<void> {
  const wanted = wantedImages(images);
  const systemNamespace = dnsLabel("--system-namespace", options.systemNamespace);
  await changeSidecarSet(name, options, (present) => proposal(present, wanted, { ...options, systemNamespace }));
}

function wantedImages(texts: readonly string[]): ReadonlyMap<string, string> {
  const images = new Map<string, string>();
  for (const text of texts) {
    const [, container, image] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (container === undefined || image === undefined) {
      throw new CommandError(
        `"${text}": CONTAINER=IMAGE is expected, for instance fluent-bit=fluent-bit:3.2.1`,
        EXIT.usage,
      );
    }
    if (images.has(container)) throw new CommandError(`container ${container} is given twice`, EXIT.usage);
    images.set(container, image);
  }
  return images;
}

async function proposal(
  present: Present,
  wanted: ReadonlyMap<string, string>,
  options: SetImageOptions,
): Promise<SetChangeProposal | NoChange> {
  const { set, object, spec: written } = present;
  const patch = imagePatch(written, wanted);
  if (!patch.ok) throw refused(set, patch.error);
  const spec = patch.value;
  if (spec === undefined) return { nothing: "has these images already" };
  const after = asStored(applyMergePatch(object as unknown as JsonObject, { spec }) as unknown as KubeObject);
  const planned = await revisionsBetween(present, after.set, options);
  return {
    spec,
    done: `is released${planned.told}`,
    wouldBe: `would be released${planned.told}`,
    effects: [...reached(set, after.set, after.spec)],
    warnings: [...superseded(set), ...stoppedAll(set, options)],
    asks: true,
    takeBack: ["undo", set.name, ...planned.back],
  };
}

function refused(set: SidecarSet, error: Extract<ReturnType<typeof imagePatch>, { ok: false }>["error"]): CommandError {
  if (error.because === "noImage") {
    return new CommandError(
      `${error.sidecar}="${error.image}": this is no image; [REGISTRY/]NAME[:TAG][@DIGEST] is expected`,
      EXIT.usage,
    );
  }
  const { sidecar, known } = error;
  const there = known.length === 0 ? "it has none" : `there are: ${known.join(", ")}`;
  return new CommandError(
    `SidecarSet "${set.name}" has no container "${sidecar}"${didYouMean(sidecar, known) || `; ${there}`}`,
    EXIT.usage,
  );
}

/** Numbers of revisions are nice to have: who may not read them, or names another namespace, is told without. */
async function revisionsBetween(
  { cluster, set }: Present,
  after: SidecarSet,
  { systemNamespace }: SetImageOptions,
): Promise<{ readonly told: string; readonly back: readonly string[] }> {
  const revisions = await revisionsOf(cluster, set, systemNamespace).catch((error: unknown): ControllerRevision[] => {
    if (isClusterError(error, "forbidden", "notFound")) return [];
    throw error;
  });
  if (revisions.length === 0) return { told: "", back: [] };
  const { from, to } = plannedRevisions(after, set, revisions);
  return from
    ? {
        told: ` as revision ${to.number}, after ${from.number}`,
        back: ["--to-revision", from.name, ...systemNamespaceFlag(systemNamespace)],
      }
    : { told: "", back: [] };
}

function reached(before: SidecarSet, after: SidecarSet, written: JsonObject): readonly string[] {
  const reach = reachOf(before);
  const { paused, type, partition, selector } = after.spec.updateStrategy;
  if (type === "NotUpdate")
    return [`${podsText(reach.pods)} carry it and keep their image: updateStrategy.type is NotUpdate`];
  if (setChanges(before, after, written).some(({ effect }) => effect === "recreation")) {
    return [
      `${podsText(reach.pods)} carry it; more than the image changes, so that they get it only when they are recreated`,
    ];
  }
  const kept = partitionOf(partition, reach.pods);
  const held = kept.ok && kept.value > 0 ? `, ${kept.value} held by the partition` : "";
  const chosen = selector ? ", only those that updateStrategy.selector chooses" : "";
  const stop = paused ? ", none before it is resumed: it is paused" : "";
  return [`${podsText(reach.pods)} carry it and follow in place${paceText(reach)}${held}${chosen}${stop}`];
}

/** A rollout that is not finished yet goes on with the new image; its own revision never reaches the rest. */
function superseded({ name, status }: SidecarSet): readonly string[] {
  const { matchedPods = 0, updatedPods = 0, latestRevision = "" } = status;
  if (status.rollout === undefined || updatedPods >= matchedPods) return [];
  return [
    `the rollout of ${name} to ${latestRevision} is unfinished (${updatedPods} of ${podsText(matchedPods)}): it is superseded`,
  ];
}
