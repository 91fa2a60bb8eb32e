import { keepingLast } from "../keepingLast.ts";
import { withExchangedEntry } from "../pod/exchangedEntry.ts";
import { encodeEntry, type HashEntry, withUpgraded } from "../pod/hashRecord.ts";
import { formatInPlaceStates, withImageChange } from "../pod/inPlaceState.ts";
import { type Annotations, type MetadataPatchError, withMetadataPatches } from "../pod/metadataPatches.ts";
import type { ContainerRecord, PodRecord } from "../pod/podRecord.ts";
import { formatTime } from "../pod/recordJson.ts";
import type { CarriedSidecar } from "../pod/sidecars.ts";
import { formatUpgradeStates, type ProcessBefore, UPGRADE_STATE_ANNOTATION } from "../pod/upgradeState.ts";
import { Recent } from "../recent.ts";
import { ok, type Result } from "../result.ts";
import {
  HASH_ANNOTATION,
  HASH_WITHOUT_IMAGE_ANNOTATION,
  IN_PLACE_UPDATE_STATE_ANNOTATION,
} from "../sidecarSet/annotations.ts";
import { flipPair, upgradePair } from "./hotUpgrade.ts";
import {
  joined,
  NO_CHANGE,
  type PlannedImage,
  type PlannedWrite,
  type PodPatch,
  podPatch,
  readdressed,
} from "./plannedWrite.ts";
import { isHalfWay, type PodFacts } from "./podFacts.ts";
import type { RolloutRules } from "./rolloutRules.ts";

/** When a pod is written, in milliseconds since the epoch, and to which ControllerRevision. */
export interface Moment {
  readonly now: number;
  readonly latestRevision: string;
}

/**
 * The one write of an upgrade: the images, the records that other tools read, our own, and the set's annotations.
 * Pods that share their records have it in common.
 * @returns an error when an annotation of the pod cannot take the set's patch
 */
export function upgradePatch(facts: PodFacts, moment: Moment): Result<PodPatch, MetadataPatchError> {
  const known = recent.find((other) => isAlike(other, facts, moment));
  if (known) return known.patch.ok ? ok(readdressed(known.patch.value, facts.pod)) : known.patch;
  return recent.add({ pod: facts.pod, rules: facts.rules, moment, patch: freshPatch(facts, moment) }).patch;
}

/** A patch with everything that it was made of. */
interface MadePatch {
  readonly pod: PodRecord;
  readonly rules: RolloutRules;
  readonly moment: Moment;
  readonly patch: Result<PodPatch, MetadataPatchError>;
}

/** A memory of pure results: bounded, and seen by nobody. */
const recent = new Recent<MadePatch>();

function isAlike({ pod, rules, moment }: MadePatch, facts: PodFacts, { now, latestRevision }: Moment): boolean {
  return (
    pod.annotations === facts.pod.annotations &&
    OTHERS_READ.every((field) => pod[field] === facts.pod[field]) &&
    rules === facts.rules &&
    moment.latestRevision === latestRevision &&
    Math.floor(moment.now / 1000) === Math.floor(now / 1000)
  );
}

/** Fields that the patch is made of, beside the uid and the resource version. */
const OTHERS_READ = [
  "labels",
  "containers",
  "initContainers",
  "generation",
  "observedGeneration",
  "reportedContainers",
] as const satisfies readonly (keyof PodRecord)[];

function freshPatch(facts: PodFacts, moment: Moment): Result<PodPatch, MetadataPatchError> {
  const { pod, rules } = facts;
  const writes = facts.carried.map((carried) => upgradeSidecar(facts, carried));
  const { images, annotations } = joined(writes, () => facts.bookkeeping.workingContainers);
  const changes = changeRecords(facts, { images, hash: rules.hash, now: moment.now });
  const records: Annotations = Object.assign({}, annotations, hashRecords(facts, moment), changes);
  const { patchPodMetadata } = rules.set.spec;
  if (patchPodMetadata.length === 0) return ok(podPatch(pod, { images, annotations: records }));
  const metadata = { annotations: { ...pod.annotations, ...records }, labels: pod.labels };
  const patched = withMetadataPatches(metadata, patchPodMetadata);
  if (!patched.ok) return patched;
  const written = Object.entries(patched.value.annotations).filter(
    ([key, text]) => key in records || pod.annotations[key] !== text,
  );
  return ok(podPatch(pod, { images, annotations: Object.fromEntries(written), labels: patched.value.labels }));
}

/** The write of a flip: every pair that is half way gets its empty container back. */
export function flipPatch(facts: PodFacts, now: number): PodPatch {
  const { pod, rules, bookkeeping } = facts;
  const { images, annotations } = joined(
    facts.carried.filter(isHalfWay).map(flipPair),
    () => bookkeeping.workingContainers,
  );
  const hash = bookkeeping.hash.entries.get(rules.set.name)?.hash ?? "";
  return podPatch(pod, { images, annotations: { ...annotations, ...changeRecords(facts, { images, hash, now }) } });
}

function upgradeSidecar(facts: PodFacts, carried: CarriedSidecar): PlannedWrite {
  if (carried.kind === "pair") return upgradePair(facts, carried);
  const { sidecar, container } = carried;
  if (container.image === sidecar.image) return NO_CHANGE;
  return {
    images: [{ list: sidecar.list, container, image: sidecar.image }],
    annotations: NO_CHANGE.annotations,
    working: NO_CHANGE.working,
  };
}

function hashRecords(facts: PodFacts, moment: Moment): Annotations {
  const { entry, encoded } = ownEntry({ rules: facts.rules, moment });
  const text = facts.pod.annotations[HASH_ANNOTATION];
  const exchanged = text === undefined ? undefined : withExchangedEntry(text, entry.sidecarSetName, encoded);
  if (exchanged !== undefined) return { [HASH_ANNOTATION]: exchanged };
  const records = withUpgraded(facts.bookkeeping, entry);
  return {
    [HASH_ANNOTATION]: records.hash,
    ...(records.hashWithoutImage === undefined ? {} : { [HASH_WITHOUT_IMAGE_ANNOTATION]: records.hashWithoutImage }),
  };
}

/** What the hash record tells of an upgrade, and its text: the same for all pods of one plan. */
const ownEntry = keepingLast(
  ({ rules, moment }: { readonly rules: RolloutRules; readonly moment: Moment }) => {
    const entry: HashEntry = {
      updateTimestamp: formatTime(moment.now),
      hash: rules.hash,
      sidecarSetName: rules.set.name,
      sidecarList: rules.sidecarList,
      controllerRevision: moment.latestRevision,
    };
    return { entry, encoded: encodeEntry(entry) };
  },
  (one, other) => one.moment === other.moment && one.rules === other.rules,
);

interface Change {
  readonly images: readonly PlannedImage[];
  readonly hash: string;
  readonly now: number;
}

/** What ran before, twice: by image id as other tools expect it, and by process as we judge it. */
function changeRecords(facts: PodFacts, change: Change): Annotations {
  return {
    [IN_PLACE_UPDATE_STATE_ANNOTATION]: inPlaceText(facts, change),
    [UPGRADE_STATE_ANNOTATION]: upgradeStateText(facts, change),
  };
}

function inPlaceText({ pod, rules, records }: PodFacts, { images, hash, now }: Change): string {
  const imageIds = images.map(({ container: { name, status } }): ImageId => [name, status?.imageId ?? ""]);
  const change = { sidecarSet: rules.set.name, hash, updateTimestamp: formatTime(now), imageIds };
  if (pod.annotations[IN_PLACE_UPDATE_STATE_ANNOTATION] === undefined) return firstStateText(change);
  return stateText(records.inPlace.states, change);
}

/** Container and its imageID. */
type ImageId = readonly [string, string];

interface StateChange {
  readonly sidecarSet: string;
  readonly hash: string;
  readonly updateTimestamp: string;
  readonly imageIds: readonly ImageId[];
}

function stateText(states: PodFacts["records"]["inPlace"]["states"], change: StateChange): string {
  return formatInPlaceStates(withImageChange(states, { ...change, imageIds: new Map(change.imageIds) }));
}

/** Of a pod without any: the same for all that run the same images. */
const firstStateText = keepingLast(
  (change: StateChange) => stateText(new Map(), change),
  (one, other) =>
    one.updateTimestamp === other.updateTimestamp &&
    one.hash === other.hash &&
    one.sidecarSet === other.sidecarSet &&
    one.imageIds.length === other.imageIds.length &&
    one.imageIds.every(([name, id], index) => name === other.imageIds[index]![0] && id === other.imageIds[index]![1]),
);

function upgradeStateText({ pod, rules, records, upgradeStates }: PodFacts, { images, hash }: Change): string {
  const containers = new Map(records.own?.containers);
  for (const { container, image } of images) {
    if (container.image !== image) containers.set(container.name, processOf(container, pod));
  }
  return formatUpgradeStates(new Map([...upgradeStates, [rules.set.name, { hash, containers }]]));
}

function processOf({ status }: ContainerRecord, { generation }: PodRecord): ProcessBefore {
  return {
    containerId: status?.containerId ?? "",
    restartCount: status?.restartCount ?? 0,
    generation: generation ?? -1,
  };
}
