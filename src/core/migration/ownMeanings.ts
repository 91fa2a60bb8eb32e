import { isEmptySelector } from "../kube/labelSelector.ts";
import { isNativeSidecar } from "../sidecarSet/sidecarKind.ts";
import type { SidecarSetSpec } from "../sidecarSet/sidecarSet.ts";

/** A field that means nothing, or something else, to OpenKruise. */
interface OwnMeaning {
  readonly field: string;
  /** What OpenKruise does about it. */
  readonly openKruise: string;
}

/** Where fields that OpenKruise has hold what only we understand: a conversion keeps it, and giving the object back would fail. */
export function ownMeanings(spec: SidecarSetSpec): OwnMeaning[] {
  return MEANINGS.flatMap((meaning) => meaning(spec));
}

const MEANINGS: readonly ((spec: SidecarSetSpec) => readonly OwnMeaning[])[] = [
  function everyPod({ selector }) {
    return when(selector && isEmptySelector(selector), "spec.selector", "refuses an empty selector");
  },
  function partitionOfSelected({ updateStrategy: { selector, partition } }) {
    const both = selector !== undefined && partition !== 0;
    return when(both, "spec.updateStrategy.partition", "refuses a partition beside a selector");
  },
  function groupsOfEveryValue({ updateStrategy: { scatterStrategy } }) {
    return scatterStrategy.flatMap(({ value }, index) =>
      when(
        value === undefined,
        `spec.updateStrategy.scatterStrategy[${index}]`,
        "takes an absent value for an empty one",
      ),
    );
  },
  function rollingNativeSidecars({ initContainers = [], updateStrategy: { type } }) {
    const native = type === "RollingUpdate" && initContainers.some(isNativeSidecar);
    return when(native, "spec.updateStrategy.type", "refuses native sidecars unless the type is NotUpdate");
  },
  function followPartition({ injectionStrategy: { revision } }) {
    const follows = revision?.policy === "FollowPartition";
    return when(follows, "spec.injectionStrategy.revision.policy", "refuses FollowPartition");
  },
  function appendUnique({ patchPodMetadata }) {
    return patchPodMetadata.flatMap(({ patchPolicy }, index) =>
      when(patchPolicy === "AppendUnique", `spec.patchPodMetadata[${index}].patchPolicy`, "does not know AppendUnique"),
    );
  },
];

function when(condition: boolean | undefined, field: string, openKruise: string): readonly OwnMeaning[] {
  return condition ? [{ field, openKruise }] : [];
}
