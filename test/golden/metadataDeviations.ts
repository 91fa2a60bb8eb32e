import { mergePatchProblem } from "../../src/core/kube/mergePatchText.ts";
import type { JsonObject } from "../../src/core/kube/object.ts";
import { isBookkeepingKey } from "../../src/core/sidecarSet/annotations.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import type { PatchPodMetadata } from "../../src/core/sidecarSet/sidecarSet.ts";
import type { Deviation } from "./deviations.ts";

/** What a SidecarSet may write to pods besides containers. */
export const METADATA_DEVIATIONS: readonly Deviation[] = [
  {
    id: "own-records-protected",
    corpora: ["validation"],
    rule: "patchPodMetadata may not write the annotations in which pods keep what is known about their sidecars, where that is new",
    concerns: (input) => newEntries(input).some(({ annotations }) => Object.keys(annotations).some(isBookkeepingKey)),
    unrecorded: true,
  },
  {
    id: "merge-patch-checked",
    corpora: ["validation"],
    rule: "the text of a MergePatchJson patch must be a JSON object or list, where it is new",
    concerns: (input) =>
      newEntries(input).some(
        ({ annotations, patchPolicy }) =>
          patchPolicy === "MergePatchJson" && Object.values(annotations).some((text) => mergePatchProblem(text)),
      ),
    unrecorded: true,
  },
];

function newEntries({ sidecarSet, oldSidecarSet }: JsonObject): readonly PatchPodMetadata[] {
  const stored = entriesOf(oldSidecarSet).map((entry) => JSON.stringify(entry));
  return entriesOf(sidecarSet).filter((entry) => !stored.includes(JSON.stringify(entry)));
}

function entriesOf(sidecarSet: JsonObject[string]): readonly PatchPodMetadata[] {
  const parsed = parseSidecarSet(sidecarSet);
  return parsed.ok ? parsed.value.spec.patchPodMetadata : [];
}
