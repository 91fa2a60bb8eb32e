import type { ControllerRevision } from "../kube/object.ts";
import { formatTime } from "../pod/recordJson.ts";
import { unreachable } from "../result.ts";
import { CUSTOM_VERSION_LABEL } from "../sidecarSet/annotations.ts";
import type { RevisionAction } from "./rolloutPlan.ts";

/** The stored revisions after an action, as an API server would hold them. */
export function withRevisionAction(
  stored: readonly ControllerRevision[],
  action: RevisionAction,
  now: number,
): readonly ControllerRevision[] {
  switch (action.kind) {
    case "recordRevision": {
      const { revision } = action;
      return [...stored, { ...revision, metadata: { ...revision.metadata, creationTimestamp: formatTime(now) } }];
    }
    case "reorderRevision":
      return changed(stored, action.name, (revision) => ({ ...revision, revision: action.to }));
    case "labelRevision":
      return changed(stored, action.name, (revision) => {
        const labels = { ...revision.metadata.labels, [CUSTOM_VERSION_LABEL]: action.customVersion };
        return { ...revision, metadata: { ...revision.metadata, labels } };
      });
    case "pruneRevision":
      return stored.filter(({ metadata }) => metadata.name !== action.name);
    default:
      return unreachable(action);
  }
}

function changed(
  stored: readonly ControllerRevision[],
  name: string,
  change: (revision: ControllerRevision) => ControllerRevision,
): readonly ControllerRevision[] {
  return stored.map((revision) => (revision.metadata.name === name ? change(revision) : revision));
}
