import type { PlayReport } from "./playReport.ts";
import type { SetChange } from "./setChanges.ts";
import type { StrategyReport } from "./simulationReport.ts";

/** What `sidecarset preview -o json` prints; within v1 fields are only added. Described in docs/reference/plan-report.md. */
export interface PlanReport extends PlayReport {
  readonly apiVersion: "cli.sidecarset/v1";
  readonly kind: "Plan";
  /** RFC 3339. */
  readonly generatedAt: string;
  /** Whether there is no finding. */
  readonly clean: boolean;
  readonly sidecarSet: string;
  /** The file, or "standard input". */
  readonly source: string;
  /** What the pods were read from: "cluster", or the snapshot. */
  readonly state: string;
  /** Null: the cluster has no such SidecarSet, or no revision of it yet. */
  readonly from: RevisionReport | null;
  readonly to: RevisionReport & { readonly isNew: boolean };
  readonly changes: readonly SetChange[];
  readonly strategy: StrategyReport;
  readonly findings: readonly PlanFinding[];
  /** What the API server says to it, its admission included; absent without a cluster. */
  readonly serverDryRun?: { readonly result: "accepted" | "refused" | "notAsked"; readonly message?: string };
  /** Pods of the cluster, those that the set selects, and those of them with its sidecars. */
  readonly scope: { readonly pods: number; readonly selected: number; readonly carried: number };
  readonly assumptions: { readonly restartSeconds: readonly [number, number] };
  /** Pods in the order of their upgrades. */
  readonly order: readonly OrderedPod[];
  /** Selected pods that the change does not reach. */
  readonly left: readonly LeftPod[];
  /** What could not be read, and was assumed. */
  readonly remarks: readonly string[];
}

interface RevisionReport {
  readonly name: string;
  readonly number: number;
}

/** A lint finding, or with the code of a reason what keeps pods from ever getting the change. */
export interface PlanFinding {
  readonly code: string;
  readonly name: string;
  readonly field: string;
  readonly message: string;
}

export interface OrderedPod {
  /** `namespace/name` */
  readonly pod: string;
  /** From 1; 0: not ready already, so that it waits for nobody. */
  readonly wave: number;
  /** The pod's scatter group. */
  readonly group?: string;
  readonly startSeconds: number;
  /** Null: it does not become ready. */
  readonly readySeconds: number | null;
}

export interface LeftPod {
  readonly pod: string;
  readonly code: string;
  readonly because: string;
  /** Why it cannot be updated in place (U07), where the revision it carries is known: `containers[logtail].env`. */
  readonly fields?: readonly string[];
}
