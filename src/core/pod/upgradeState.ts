import { encodeString } from "../kube/goJson.ts";
import { isJsonObject, type Json } from "../kube/object.ts";
import { oncePerText } from "../oncePerText.ts";
import { encodeMap, membersOf, type RecordReader, readMap } from "./recordJson.ts";

export const UPGRADE_STATE_ANNOTATION = "sidecarset.kruise.io/upgrade-state";

/**
 * Our own record beside the byte-compatible ones: which container processes ran when a set's images were changed. An image id can
 * stay the same across an upgrade (two tags of one image); a process cannot.
 */
export interface UpgradeState {
  /** Hash that the pod was upgraded to. When the pod's hash record says another one, somebody else has upgraded it since. */
  readonly hash: string;
  readonly containers: ReadonlyMap<string, ProcessBefore>;
}

/** The container as it ran before its image was changed. */
export interface ProcessBefore {
  /** Empty: it had never been started. */
  readonly containerId: string;
  readonly restartCount: number;
  /** The pod's generation before the change, -1 when unknown: a status about it, or an older one, knows nothing of the change. */
  readonly generation: number;
}

/** By SidecarSet name. What cannot be read is left out: the other records decide then. */
export function parseUpgradeStates(text: string | undefined): ReadonlyMap<string, UpgradeState> {
  return text === undefined ? NO_STATES : statesOf(text);
}

const statesOf = oncePerText((text): ReadonlyMap<string, UpgradeState> => {
  const reader: RecordReader = { trouble: [] };
  const states = new Map<string, UpgradeState>();
  for (const [name, value] of readMap(text, reader)) {
    const state = readState(value);
    if (state) states.set(name, state);
  }
  return states;
});

export function formatUpgradeStates(states: ReadonlyMap<string, UpgradeState>): string {
  return encodeMap(states, encodeState);
}

const NO_STATES: ReadonlyMap<string, UpgradeState> = new Map();

function readState(value: Json): UpgradeState | undefined {
  if (!isJsonObject(value) || typeof value.hash !== "string" || !isJsonObject(value.containers)) return undefined;
  const containers = new Map<string, ProcessBefore>();
  for (const [name, process] of membersOf(value.containers)) {
    if (!isJsonObject(process)) return undefined;
    const { containerID, restartCount, generation } = process;
    if (typeof containerID !== "string" || !isCount(restartCount) || !isCount(generation)) return undefined;
    containers.set(name, { containerId: containerID, restartCount, generation });
  }
  return { hash: value.hash, containers };
}

/** A number such as 1e400 reads as infinite and could not be written again. */
function isCount(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}

function encodeState({ hash, containers }: UpgradeState): string {
  const encoded = encodeMap(
    containers,
    ({ containerId, restartCount, generation }) =>
      `{"containerID":${encodeString(containerId)},"restartCount":${restartCount},"generation":${generation}}`,
  );
  return `{"hash":${encodeString(hash)},"containers":${encoded}}`;
}
