import { type ControllerRevision, isJsonObject } from "../../core/kube/object.ts";
import type { WrittenSpec } from "../../core/sidecarSet/lint/finding.ts";
import { restoreRevision } from "../../core/sidecarSet/revision.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import { CommandError } from "../exitCode.ts";
import { type SetChange, setChanges } from "../simulation/setChanges.ts";

/** What `sidecarset history --diff … -o json` prints; within v1 fields are only added. Described in docs/reference/cli.md. */
export interface RevisionDiff {
  readonly apiVersion: "cli.sidecarset/v1";
  readonly kind: "RevisionDiff";
  /** RFC 3339. */
  readonly generatedAt: string;
  readonly sidecarSet: string;
  readonly from: { readonly revision: number; readonly name: string };
  readonly to: { readonly revision: number; readonly name: string };
  readonly changes: readonly SetChange[];
}

/** Field by field; selectors and strategies are no part of a revision. */
export function revisionDiff(
  set: SidecarSet,
  [from, to]: readonly [ControllerRevision, ControllerRevision],
  now: number,
): RevisionDiff {
  return {
    apiVersion: "cli.sidecarset/v1",
    kind: "RevisionDiff",
    generatedAt: new Date(now).toISOString(),
    sidecarSet: set.name,
    from: named(from),
    to: named(to),
    changes: setChanges(restored(set, from), restored(set, to), writtenIn(to)),
  };
}

function named({ revision, metadata }: ControllerRevision) {
  return { revision, name: metadata.name ?? "" };
}

function restored(set: SidecarSet, revision: ControllerRevision): SidecarSet {
  const result = restoreRevision(set, revision);
  if (result.ok) return result.value;
  throw new CommandError(`revision ${revision.revision} (${revision.metadata.name}) cannot be read: ${result.error}`);
}

function writtenIn({ data }: ControllerRevision): WrittenSpec {
  return (isJsonObject(data) && isJsonObject(data.spec) ? data.spec : {}) as WrittenSpec;
}
