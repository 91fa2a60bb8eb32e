import type { Log } from "../cluster/environment.ts";
import { podKey } from "../core/pod/podRecord.ts";
import { unreachable } from "../core/result.ts";
import type { RolloutAction } from "../core/rollout/rolloutPlan.ts";
import type { ImageChange } from "../core/rollout/verdict.ts";

interface ActionPlace {
  readonly sidecarset: string;
  readonly wave: number | undefined;
}

/** One line for each action that has been carried out. @param wave of a pod that is upgraded now */
export function logAction(log: Log, action: RolloutAction, { sidecarset, wave }: ActionPlace): void {
  switch (action.kind) {
    case "upgradePod":
      log("info", "upgraded the pod in place", {
        sidecarset,
        wave,
        pod: podKey(action.pod),
        changes: changesOf(action),
      });
      return;
    case "flipPod":
      log("info", "emptied the idle container", { sidecarset, pod: podKey(action.pod), changes: changesOf(action) });
      return;
    case "markUpgradable":
      log("info", "marked the pod", { sidecarset, pod: podKey(action.pod), upgradable: action.upgradable });
      return;
    case "writeStatus":
      log("debug", "wrote the status", { sidecarset, ...action.status });
      return;
    case "recordRevision":
      log("info", "recorded the revision", { sidecarset, revision: action.revision.metadata.name });
      return;
    case "reorderRevision":
    case "labelRevision":
    case "pruneRevision":
      log("info", action.kind, { sidecarset, revision: action.name });
      return;
    default:
      unreachable(action);
  }
}

function changesOf({ changes }: { readonly changes: readonly ImageChange[] }): readonly string[] {
  return changes.map(({ container, to }) => `${container}=${to}`);
}
