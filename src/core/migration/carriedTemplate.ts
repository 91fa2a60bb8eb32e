import type { ControllerRevision } from "../kube/object.ts";
import type { Pod } from "../kube/pod.ts";
import type { Bookkeeping } from "../pod/bookkeeping.ts";
import { HASH_ANNOTATION, NAMESPACE_NAME_LABEL } from "../sidecarSet/annotations.ts";
import { ownRevisions } from "../sidecarSet/pinnedRevision.ts";
import { restoreRevision } from "../sidecarSet/revision.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";

/**
 * The SidecarSet with the template that a pod records, made to select just this pod: what it says of other pods and of strategies is
 * not part of the question.
 * @returns undefined when neither the set nor a stored revision has that hash: nobody can tell what was injected
 */
export function carriedTemplate(
  set: SidecarSet,
  revisions: readonly ControllerRevision[],
  { pod, records }: { readonly pod: Pod; readonly records: Bookkeeping },
): SidecarSet | undefined {
  const hash = records.hash.entries.get(set.name)?.hash;
  if (hash === undefined) return undefined;
  const template = hash === set.annotations[HASH_ANNOTATION] ? set : restored(set, revisions, hash);
  const namespace = pod.metadata.namespace || "default";
  return (
    template && {
      ...template,
      spec: {
        ...template.spec,
        selector: {},
        namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: namespace } },
        injectionStrategy: { paused: false, revision: undefined, failurePolicy: "Fail", order: 0, optOut: "Deny" },
      },
    }
  );
}

function restored(set: SidecarSet, revisions: readonly ControllerRevision[], hash: string): SidecarSet | undefined {
  for (const revision of ownRevisions(set, revisions)) {
    const old = restoreRevision(set, revision);
    if (old.ok && old.value.annotations[HASH_ANNOTATION] === hash) return old.value;
  }
  return undefined;
}
