import { effectiveTag, parseImageReference } from "../kube/imageReference.ts";
import type { InPlaceStates } from "./inPlaceState.ts";
import type { ContainerRecord, PodRecord } from "./podRecord.ts";
import type { ProcessBefore, UpgradeState } from "./upgradeState.ts";

/** What the pod's annotations say about the last change of a set's images. */
export interface ChangeRecords {
  readonly inPlace: InPlaceStates;
  /** Our own record, when it is about the upgrade that the pod's hash record names. */
  readonly own: UpgradeState | undefined;
  readonly sidecarSet: string;
}

/**
 * Has the kubelet brought these containers to the images that the spec names? A pod whose containers are not all reported on is
 * never consistent. Each container is judged by the best evidence there is: our record of the process that ran before, else the
 * digest that the image names, else the image id recorded before the change.
 */
export function isConsistent(pod: PodRecord, containers: readonly ContainerRecord[], records: ChangeRecords): boolean {
  if (pod.containers.length !== pod.reportedContainers) return false;
  for (const container of containers) if (!runsItsImage(pod, container, records)) return false;
  return true;
}

function runsItsImage(pod: PodRecord, container: ContainerRecord, records: ChangeRecords): boolean {
  const before = records.own?.containers.get(container.name);
  if (before) return hasFollowed(pod, container, before);
  const digest = digestOf(container.image);
  if (digest !== undefined) return runsDigest(container, digest);
  return hasLeftRecordedImage(container, records);
}

/**
 * A status that is older than the change proves nothing, whatever it shows: the old image may have crashed just then. No restart
 * comes when the image went forth and back before the kubelet looked: then the old process runs what is wanted.
 */
function hasFollowed(pod: PodRecord, { image, status }: ContainerRecord, before: ProcessBefore): boolean {
  if (!status) return false;
  if (pod.observedGeneration !== undefined && pod.observedGeneration <= before.generation) return false;
  const replaced = status.containerId !== "" && status.containerId !== before.containerId;
  return replaced || status.restartCount > before.restartCount || isSameImage(image, status.image);
}

function isSameImage(wanted: string, reported: string): boolean {
  if (wanted === reported) return true;
  const [one, other] = [parseImageReference(wanted), parseImageReference(reported)];
  if (!one || !other || one.repository !== other.repository || one.digest !== other.digest) return false;
  return effectiveTag(wanted) === effectiveTag(reported);
}

/**
 * Mirrors and short names differ in the repository; the digest says which bits run. Images that were imported from a file have an id
 * that names their configuration instead; then the reported image has to do.
 */
function runsDigest({ status }: ContainerRecord, digest: string): boolean {
  if (status === undefined) return false;
  return (
    (digestOf(status.imageId) ?? (isConfigurationId(status.imageId) ? digestOf(status.image) : undefined)) === digest
  );
}

/** `name@sha256:…` → `sha256:…` */
function digestOf(reference: string): string | undefined {
  return reference.includes("@") ? /@([a-z0-9]+:[0-9a-f]{32,})$/.exec(reference)?.[1] : undefined;
}

function isConfigurationId(imageId: string): boolean {
  return /^(?:[a-z-]+:\/\/)?sha256:[0-9a-f]+$/.test(imageId);
}

function hasLeftRecordedImage({ name, image, status }: ContainerRecord, records: ChangeRecords): boolean {
  if (!records.inPlace.readable) return false;
  const recorded = records.inPlace.states.get(records.sidecarSet)?.lastContainerStatuses?.get(name);
  if (recorded === undefined || status === undefined) return true;
  return recorded !== status.imageId || image === status.image;
}
