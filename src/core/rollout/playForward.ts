import type { Labels } from "../kube/labelSelector.ts";
import type { ControllerRevision } from "../kube/object.ts";
import type { PodRecord } from "../pod/podRecord.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { Play } from "./play.ts";
import type { PodCounters } from "./status.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Plays a rollout on virtual time: the living book plans, its actions count at once as our own writes do, kubelets answer after a
 * while. The same input gives the same playback. Writes take no time here.
 */
export function playForward(input: PlayInput): Playback {
  const play = new Play(input);
  play.run();
  return play.playback();
}

/** A rollout that is to be played to its end. */
export interface PlayInput {
  /** As it will be stored, with the hashes that admission writes. */
  readonly set: SidecarSet;
  /** Those that the set does not select are ignored. */
  readonly pods: Iterable<PodRecord>;
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly revisions: Iterable<ControllerRevision>;
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly restart: Restart;
  /** Called now and then; for people who wait. */
  readonly onProgress?: (progress: { readonly upgraded: number; readonly now: number }) => void;
}

/** What the kubelet makes of a changed image: when the pod is as it will be, and whether the container runs then. */
export type Restart = (pod: PodRecord) => { readonly afterMs: number; readonly comesUp: boolean };

/** One pod's way to the new revision. Times are in milliseconds since the epoch. */
export interface PlayedUpgrade {
  /** `namespace/name` */
  readonly pod: string;
  /** The pod's scatter group; empty when the set does not scatter. */
  readonly group: string;
  readonly at: number;
  /** Undefined: never. */
  readonly readyAt: number | undefined;
  /** A pod that was not ready costs no budget when its turn comes. */
  readonly wasReady: boolean;
  /** Updated pods that were not available right after this one was written. */
  readonly inFlight: number;
}

export interface Playback {
  /** In the order in which they were written. */
  readonly upgrades: readonly PlayedUpgrade[];
  readonly before: PodCounters;
  readonly after: PodCounters;
  /** From the start until nothing moves any more. */
  readonly durationMs: number;
  /** Pods that were not available at the worst moment, those among them that are updated, and how many of these may be. */
  readonly unavailable: {
    readonly before: number;
    readonly most: number;
    readonly mostUpdated: number;
    readonly limit: number | undefined;
  };
  /** Writes to the API server, by what they are for. */
  readonly requests: PlayedRequests;
  /** Why each pod is where it is in the end. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Scatter group → its pods, and those that were updated before; none when the set does not scatter. */
  readonly groups: ReadonlyMap<string, { readonly pods: number; readonly updated: number }>;
}

export interface PlayedRequests {
  readonly upgrades: number;
  readonly flips: number;
  readonly marks: number;
  readonly statuses: number;
  readonly revisions: number;
}
