import { parseImageReference } from "../../core/kube/imageReference.ts";
import type { ControllerRevision } from "../../core/kube/object.ts";
import { withHashes } from "../../core/sidecarSet/hash.ts";
import { revisionOf } from "../../core/sidecarSet/revision.ts";
import { isNativeSidecar } from "../../core/sidecarSet/sidecarKind.ts";
import type { SidecarContainer, SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";

/** A change of a SidecarSet as a cluster would hold it: the set that the pods carry, its revision, and what is stored now. */
export interface StoredChange {
  readonly before: SidecarSet;
  readonly revision: ControllerRevision;
  readonly after: SidecarSet;
}

/** @param from the set that the pods carry; undefined: the same one with other images */
export function storedChange(set: SidecarSet, from: SidecarSet | undefined, createdAt: number): StoredChange {
  const stored = { name: set.name, uid: `uid-${set.name}`, createdAt, deleting: false };
  const old = withHashes({ ...(from ?? withOtherImages(set)), ...stored, generation: 1, resourceVersion: "1" });
  const revision = revisionOf(old, { revision: 1, collisionCount: 0 });
  const status = { ...set.status, observedGeneration: 1, latestRevision: revision.metadata.name };
  return {
    before: { ...old, status },
    revision: { ...revision, metadata: { ...revision.metadata, creationTimestamp: new Date(createdAt).toISOString() } },
    after: { ...set, ...stored, generation: 2, resourceVersion: "2", status },
  };
}

function withOtherImages(set: SidecarSet): SidecarSet {
  const { containers, initContainers } = set.spec;
  return {
    ...set,
    spec: {
      ...set.spec,
      containers: containers?.map(withOtherImage),
      initContainers: initContainers?.map((each) => (isNativeSidecar(each) ? withOtherImage(each) : each)),
    },
  };
}

function withOtherImage(container: SidecarContainer): SidecarContainer {
  const { image = "" } = container;
  return { ...container, image: `${parseImageReference(image)?.familiarName ?? image}:before` };
}
