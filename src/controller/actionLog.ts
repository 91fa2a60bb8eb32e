import type { Log } from "../cluster/environment.ts";
import { podKey } from "../core/pod/podRecord.ts";
import { unreachable } from "../core/result.ts";
import type { RolloutAction } from "../core/rollout/rolloutPlan.ts";

/** One line for each action that has been carried out. */
export function logAction(log: Log, sidecarset: string, action: RolloutAction): void {
  switch (action.kind) {
    case "upgradePod":
    case "flipPod":
      log("info", action.kind === "flipPod" ? "emptied the idle container" : "upgraded the pod in place", {
        sidecarset,
        pod: podKey(action.pod),
        changes: action.changes.map(({ container, to }) => `${container}=${to}`),
      });
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
