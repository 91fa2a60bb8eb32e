import type { ControllerRevision } from "../core/kube/object.ts";
import { SIDECAR_SET_NAME_LABEL } from "../core/sidecarSet/annotations.ts";
import { isOlder } from "./ownWrites.ts";

/** The stored revisions by the SidecarSet they belong to, the newest state of each. */
export class RevisionIndex {
  readonly #bySet = new Map<string, Map<string, ControllerRevision>>();

  of(sidecarSet: string): Iterable<ControllerRevision> {
    return this.#bySet.get(sidecarSet)?.values() ?? [];
  }

  put(revision: ControllerRevision): void {
    const { name = "", labels } = revision.metadata;
    const set = labels?.[SIDECAR_SET_NAME_LABEL];
    if (set === undefined) return;
    const revisions = this.#bySet.get(set) ?? new Map<string, ControllerRevision>();
    this.#bySet.set(set, revisions);
    if (!isStale(revision, revisions.get(name))) revisions.set(name, revision);
  }

  remove(revision: ControllerRevision): void {
    const { name = "", labels } = revision.metadata;
    const set = labels?.[SIDECAR_SET_NAME_LABEL];
    if (set !== undefined) this.removeName(set, name);
  }

  removeName(sidecarSet: string, name: string): void {
    const revisions = this.#bySet.get(sidecarSet);
    revisions?.delete(name);
    if (revisions?.size === 0) this.#bySet.delete(sidecarSet);
  }
}

/** The watch may still be telling what was before our own write. */
function isStale(revision: ControllerRevision, known: ControllerRevision | undefined): boolean {
  if (!known || known.metadata.uid !== revision.metadata.uid) return false;
  return isOlder(revision.metadata.resourceVersion ?? "", known.metadata.resourceVersion ?? "");
}
