import { isJsonList, isJsonObject, type Json, type JsonObject } from "../kube/object.ts";

/**
 * What a controller last wrote about a SidecarSet. The first seven fields are OpenKruise's, the others are ours; all may be absent.
 * Times are RFC 3339 in UTC with whole seconds.
 */
export interface SidecarSetStatus {
  readonly observedGeneration: number | undefined;
  readonly matchedPods: number | undefined;
  readonly updatedPods: number | undefined;
  readonly readyPods: number | undefined;
  readonly updatedReadyPods: number | undefined;
  readonly latestRevision: string | undefined;
  /** Undefined (never written) and 0 differ: the first reconcile always writes. */
  readonly collisionCount: number | undefined;
  readonly selectedPods: number | undefined;
  readonly heldPods: number | undefined;
  readonly stuckPods: number | undefined;
  readonly driftedPods: number | undefined;
  /** Null where a write is to remove it. */
  readonly budget: BudgetUse | null | undefined;
  readonly rollout: RolloutProgress | undefined;
  readonly waiting: readonly WaitingPods[] | undefined;
  readonly conditions: readonly Condition[] | undefined;
  readonly history: readonly PastRollout[] | undefined;
}

/** Updated pods that may be unavailable at once, and are. */
export interface BudgetUse {
  readonly limit: number;
  readonly used: number;
}

export interface RolloutProgress {
  /** One of `PHASES`. */
  readonly phase: string;
  readonly reason: string;
  /** Since when it is in this phase. */
  readonly since: string;
  /** How many waves the rollout to this revision has begun. */
  readonly wave: number;
  /** Pods that the wave under way has upgraded so far; 0: none is under way. */
  readonly started: number;
  readonly targetRevision: string;
}

/** Where a rollout stands, in one word. */
export const PHASES = ["Complete", "Progressing", "Held", "Paused", "Blocked", "NotUpdate"] as const;
export type Phase = (typeof PHASES)[number];

export interface WaitingPods {
  readonly code: string;
  readonly count: number;
  /** Up to three, as `namespace/name`. */
  readonly examples: readonly string[];
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** When `status` last changed. */
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}

/** One rollout of the past, or the one under way. */
export interface PastRollout {
  readonly revision: string;
  /** `logtail: 1.0.0 -> 1.0.1` */
  readonly change: string;
  readonly startedAt: string;
  /** Absent while it is under way. */
  readonly finishedAt?: string;
  /** One of `Progressing`, `Promoted`, `Superseded`, `RolledBack`. */
  readonly result: string;
  /** The field manager that wrote the spec. */
  readonly by?: string;
  /** The annotation `kubernetes.io/change-cause`. */
  readonly cause?: string;
}

export const MOST_HISTORY = 10;

/** Whatever is stored there, somebody else may have written it: what cannot be read is left out and written anew. */
export function readStatus(status: JsonObject): SidecarSetStatus {
  const number = (field: string) => numberOf(status[field]);
  return {
    observedGeneration: number("observedGeneration"),
    matchedPods: number("matchedPods"),
    updatedPods: number("updatedPods"),
    readyPods: number("readyPods"),
    updatedReadyPods: number("updatedReadyPods"),
    latestRevision: textOf(status.latestRevision) || undefined,
    collisionCount: number("collisionCount"),
    selectedPods: number("selectedPods"),
    heldPods: number("heldPods"),
    stuckPods: number("stuckPods"),
    driftedPods: number("driftedPods"),
    budget: budgetOf(status.budget),
    rollout: progressOf(status.rollout),
    waiting: listOf(status.waiting, waitingOf),
    conditions: listOf(status.conditions, conditionOf),
    history: listOf(status.history, pastRolloutOf)?.slice(0, MOST_HISTORY),
  };
}

function budgetOf(value: Json | undefined): BudgetUse | undefined {
  if (!isJsonObject(value)) return undefined;
  return { limit: numberOf(value.limit) ?? 0, used: numberOf(value.used) ?? 0 };
}

function progressOf(value: Json | undefined): RolloutProgress | undefined {
  if (!isJsonObject(value)) return undefined;
  return {
    phase: textOf(value.phase),
    reason: textOf(value.reason),
    since: textOf(value.since),
    wave: numberOf(value.wave) ?? 0,
    started: numberOf(value.started) ?? 0,
    targetRevision: textOf(value.targetRevision),
  };
}

function waitingOf(value: JsonObject): WaitingPods {
  return {
    code: textOf(value.code),
    count: numberOf(value.count) ?? 0,
    examples: isJsonList(value.examples) ? value.examples.map(textOf) : [],
  };
}

function conditionOf(value: JsonObject): Condition {
  return {
    type: textOf(value.type),
    status: textOf(value.status),
    reason: textOf(value.reason),
    message: textOf(value.message),
    lastTransitionTime: textOf(value.lastTransitionTime),
    observedGeneration: numberOf(value.observedGeneration) ?? 0,
  };
}

function pastRolloutOf(value: JsonObject): PastRollout {
  const optional = (field: "finishedAt" | "by" | "cause") => (value[field] ? { [field]: textOf(value[field]) } : {});
  return {
    revision: textOf(value.revision),
    change: textOf(value.change),
    startedAt: textOf(value.startedAt),
    result: textOf(value.result),
    ...optional("finishedAt"),
    ...optional("by"),
    ...optional("cause"),
  };
}

function listOf<T>(value: Json | undefined, read: (item: JsonObject) => T): readonly T[] | undefined {
  return isJsonList(value) ? value.filter(isJsonObject).map(read) : undefined;
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
