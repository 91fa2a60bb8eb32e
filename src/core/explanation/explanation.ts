/**
 * Why a pod is as it is, for one SidecarSet: what every answer to "why" is made of, whoever asks. Docs: docs/reference/explanation.md.
 * Texts are for people; programs go by `code`, `because` and `check`.
 */
export interface SetExplanation {
  readonly sidecarSet: string;
  /** Whether the pod gets, or got, the sidecars. */
  readonly injection: Answer;
  /** How far the pod is with the newest revision; absent for a pod that does not carry the set's sidecars. */
  readonly update?: UpdateAnswer;
}

export interface Answer {
  /** Code of docs/reference/reasons.md; empty where nothing keeps the pod from it. */
  readonly code: string;
  /** Name of the reason. */
  readonly because: string;
  readonly message: string;
  /** Somebody should look at it: it is not as the SidecarSet wants it, and nobody asked for that. */
  readonly finding: boolean;
  /** In the order in which they are asked; none after the first that fails. */
  readonly chain: readonly Check[];
  /** What to do about it, for people; absent where there is nothing to do. */
  readonly advice?: string;
}

/** One question that decides. */
export interface Check {
  /** What would be told where it fails. */
  readonly code: string;
  readonly check: string;
  readonly ok: boolean;
  readonly observed: string;
  readonly expected: string;
  /** A command that mends it; only where it fails, and where a command can. */
  readonly fix?: string;
}

export interface UpdateAnswer extends Answer {
  /** ControllerRevisions; empty where nobody has recorded one. */
  readonly revision: { readonly carried: string; readonly target: string };
  /** Of a pod that waits for it. */
  readonly budget?: BudgetUse;
  /** Of a pod that waits for its turn. */
  readonly queue?: Queue;
}

interface BudgetUse {
  readonly limit: number;
  readonly used: number;
  /** Every pod that uses it, the longest first. */
  readonly holders: readonly Holder[];
}

/** A pod that is upgraded and not available yet. */
export interface Holder {
  /** `namespace/name` */
  readonly pod: string;
  /** What its containers do: `logtail: ImagePullBackOff`. */
  readonly state: string;
  /** It does not get any further by itself … */
  readonly stuck: boolean;
  /** … because a sidecar of the set does not start. */
  readonly failing: boolean;
  /** Seconds; absent where the pod does not tell. */
  readonly forSeconds?: number;
}

export interface Queue {
  /** 1: next in line. */
  readonly place: number;
  /** By what pods are put in order, first thing first. */
  readonly order: readonly string[];
}
