import { encodeInOrder, encodeString } from "../kube/goJson.ts";
import { isTooDeep, TOO_DEEP } from "../kube/nesting.ts";
import { isJsonObject, type Json, type JsonObject } from "../kube/object.ts";
import { oncePerText } from "../oncePerText.ts";
import {
  encodeMap,
  encodeTime,
  membersOf,
  type RecordReader,
  readFields,
  readMap,
  readString,
  readTime,
} from "./recordJson.ts";

/** What was running when a SidecarSet's images were last changed in place; how we tell that the kubelet has acted since. */
export interface InPlaceState {
  /** Hash and time of the set's first update of this pod; later updates keep them. */
  readonly revision: string;
  readonly updateTimestamp: string | null;
  /** Container → its imageID before the change, empty when it had none. Null survives only while no image changes. */
  readonly lastContainerStatuses: ReadonlyMap<string, string> | null;
  /** Fields of the same record that other writers use, passed on. */
  readonly foreign: JsonObject;
}

export interface InPlaceStates {
  /** False when any part could not be read; `states` then holds what could. */
  readonly readable: boolean;
  /** By SidecarSet name. */
  readonly states: ReadonlyMap<string, InPlaceState>;
}

const FOREIGN_FIELDS = [
  "updateEnvFromMetadata",
  "updateResources",
  "updateImages",
  "nextContainerImages",
  "nextContainerRefMetadata",
  "nextContainerResources",
  "preCheckBeforeNext",
  "containerBatchesRecord",
];
const FIELDS = ["revision", "updateTimestamp", "lastContainerStatuses", ...FOREIGN_FIELDS];

/** An absent annotation reads as no states. A set whose state is `null` counts as having none. */
export function parseInPlaceStates(text: string | undefined): InPlaceStates {
  return text === undefined ? NO_STATES : statesOf(text);
}

const statesOf = oncePerText((text): InPlaceStates => {
  const reader: RecordReader = { trouble: [] };
  const members = readMap(text, reader).filter(([, value]) => value !== null);
  const states = new Map(members.map(([name, value]) => [name, readState(value, name, reader)]));
  return { readable: reader.trouble.length === 0, states };
});

const NO_STATES: InPlaceStates = { readable: true, states: new Map() };

export function formatInPlaceStates(states: ReadonlyMap<string, InPlaceState>): string {
  return encodeMap(states, encodeState);
}

/** The states after some images of a set were changed; written also when none were, so that the pod shows the attempt. */
export function withImageChange(
  states: ReadonlyMap<string, InPlaceState>,
  change: {
    readonly sidecarSet: string;
    readonly hash: string;
    readonly updateTimestamp: string;
    /** Changed container → the imageID its status shows now, empty when it has none. */
    readonly imageIds: ReadonlyMap<string, string>;
  },
): ReadonlyMap<string, InPlaceState> {
  const previous = states.get(change.sidecarSet) ?? {
    revision: change.hash,
    updateTimestamp: change.updateTimestamp,
    lastContainerStatuses: new Map<string, string>(),
    foreign: {},
  };
  const last = previous.lastContainerStatuses;
  const lastContainerStatuses = change.imageIds.size === 0 ? last : new Map([...(last ?? []), ...change.imageIds]);
  return new Map([...states, [change.sidecarSet, { ...previous, lastContainerStatuses }]]);
}

function readState(value: Json, name: string, reader: RecordReader): InPlaceState {
  const fields = readFields(value, name, FIELDS, reader);
  return {
    revision: readString(fields.revision, `${name}.revision`, reader),
    updateTimestamp: readTime(fields.updateTimestamp, `${name}.updateTimestamp`, reader),
    lastContainerStatuses: readImageIds(fields.lastContainerStatuses, `${name}.lastContainerStatuses`, reader),
    foreign: foreignOf(fields, name, reader),
  };
}

function readImageIds(value: Json | undefined, at: string, reader: RecordReader): ReadonlyMap<string, string> | null {
  if (value === undefined || value === null) return null;
  if (!isJsonObject(value)) {
    reader.trouble.push(`${at} is not an object`);
    return null;
  }
  return new Map(
    membersOf(value).map(([container, status]) => {
      const { imageID } = readFields(status, `${at}.${container}`, ["imageID"], reader);
      return [container, readString(imageID, `${at}.${container}.imageID`, reader)];
    }),
  );
}

/** Nested without end it could not be written again. */
function foreignOf(fields: JsonObject, name: string, reader: RecordReader): JsonObject {
  const present = FOREIGN_FIELDS.filter((field) => field in fields && !isEmpty(fields[field]));
  const tooDeep = present.filter((field) => isTooDeep(fields[field]));
  reader.trouble.push(...tooDeep.map((field) => `${name}.${field}: ${TOO_DEEP}`));
  return Object.fromEntries(present.filter((field) => !tooDeep.includes(field)).map((field) => [field, fields[field]]));
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  return Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0;
}

function encodeState(state: InPlaceState): string {
  const last =
    state.lastContainerStatuses === null
      ? "null"
      : encodeMap(state.lastContainerStatuses, (id) => (id === "" ? "{}" : `{"imageID":${encodeString(id)}}`));
  const foreign = membersOf(state.foreign).map(([field, value]) => `,${encodeString(field)}:${encodeInOrder(value)}`);
  return (
    `{"revision":${encodeString(state.revision)},"updateTimestamp":${encodeTime(state.updateTimestamp)}` +
    `,"lastContainerStatuses":${last}${foreign.join("")}}`
  );
}
