import type { UnmetRequirement } from "../kube/labelSelector.ts";

/** What a rollout does with a pod, and why. Each pod that the set selects has exactly one. */
export type Verdict = Upgrade | Wait | Skip;

interface Upgrade {
  readonly kind: "upgrade";
  readonly changes: readonly ImageChange[];
}

export interface ImageChange {
  readonly container: string;
  readonly from: string;
  readonly to: string;
}

/** The pod's turn comes by itself, or when the strategy lets it. */
export type Wait =
  | { readonly kind: "wait"; readonly because: "paused" }
  | { readonly kind: "wait"; readonly because: "partition"; readonly rank: number; readonly kept: number }
  | {
      readonly kind: "wait";
      readonly because: "maxUnavailable";
      readonly used: number;
      readonly limit: number;
      /** 1: next in line. */
      readonly place: number;
    }
  /** Of the pod's own workload, which others do not wait for. */
  | {
      readonly kind: "wait";
      readonly because: "maxUnavailablePerOwner";
      /** Uid of the pod's controller. */
      readonly owner: string;
      readonly used: number;
      readonly limit: number;
    }
  | { readonly kind: "wait"; readonly because: "previousUpgradeRunning"; readonly container: string }
  | { readonly kind: "wait"; readonly because: "flipPending"; readonly container: string }
  | { readonly kind: "wait"; readonly because: "writeRefused"; readonly message: string }
  | { readonly kind: "wait"; readonly because: "unreadableStrategy"; readonly message: string }
  /** By the stop switch of the cluster. */
  | {
      readonly kind: "wait";
      readonly because: "updatesStopped";
      readonly reason: string;
      readonly since: number | undefined;
    };

/** The pod is left as it is. */
export type Skip =
  | { readonly kind: "skip"; readonly because: "upToDate"; readonly revision: string }
  /** Up to date but for the tag of an image, which an annotation of the pod chooses. */
  | {
      readonly kind: "skip";
      readonly because: "imageOverridden";
      readonly container: string;
      readonly image: string;
    }
  | { readonly kind: "skip"; readonly because: "notUpdateStrategy" }
  | { readonly kind: "skip"; readonly because: "notSelected"; readonly unmet: UnmetRequirement | undefined }
  | {
      readonly kind: "skip";
      readonly because: "nonImageChange";
      /** That the pod carries; empty: its record does not name it. */
      readonly revision: string;
      readonly hash: string;
      /** What differs besides images, as in `containers[logtail].env`; left out: the revision is gone, and nobody can tell. */
      readonly fields?: readonly string[];
    }
  | {
      readonly kind: "skip";
      readonly because: "metadataConflict";
      readonly annotation: string;
      readonly problem: string;
    }
  | { readonly kind: "skip"; readonly because: "inactivePod"; readonly phase: string }
  | { readonly kind: "skip"; readonly because: "containerMissing"; readonly container: string }
  | { readonly kind: "skip"; readonly because: "notInjected" };

export type Because = Wait["because"] | Skip["because"];

/** The public codes; docs/reference/reasons.md has a section for each. Why a pod was not injected is told by the I-codes. */
export const REASON_CODES: Readonly<Record<Because, string | undefined>> = {
  upToDate: "U01",
  notUpdateStrategy: "U02",
  paused: "U03",
  notSelected: "U04",
  partition: "U05",
  maxUnavailable: "U06",
  nonImageChange: "U07",
  metadataConflict: "U16",
  imageOverridden: "U17",
  previousUpgradeRunning: "U08",
  inactivePod: "U09",
  containerMissing: "U10",
  unreadableStrategy: "U15",
  flipPending: "U12",
  writeRefused: "U14",
  updatesStopped: "U18",
  maxUnavailablePerOwner: "U19",
  notInjected: undefined,
};
