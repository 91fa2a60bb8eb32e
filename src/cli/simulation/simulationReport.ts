import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import type { LabelSpread } from "./flags.ts";
import type { PlayReport } from "./playReport.ts";
import type { SetChange } from "./setChanges.ts";

/** What `sidecarset simulate -o json` prints; within v1 fields are only added. Described in docs/reference/simulation-report.md. */
export interface SimulationReport extends PlayReport {
  readonly apiVersion: "cli.sidecarset/v1";
  readonly kind: "SimulationReport";
  /** RFC 3339. */
  readonly generatedAt: string;
  readonly sidecarSet: string;
  /** The file, or "standard input". */
  readonly source: string;
  readonly changes: readonly SetChange[];
  readonly strategy: StrategyReport;
  readonly assumptions: {
    readonly pods: number;
    readonly owners: number;
    readonly namespaces: number;
    readonly labels: readonly LabelSpread[];
    /** Shares, 0 … 1. */
    readonly notReady: number;
    readonly failing: number;
    readonly restartSeconds: readonly [number, number];
    readonly seed: number;
    /** What the pods were made from: workloads of the files, or "a plain pod". */
    readonly templates: readonly string[];
  };
}

export interface StrategyReport {
  readonly maxUnavailable: number | string;
  readonly partition: number | string;
  readonly scatter: readonly string[];
}

export function strategyOf({ spec }: SidecarSet): StrategyReport {
  const { maxUnavailable, partition, scatterStrategy } = spec.updateStrategy;
  const scatter = scatterStrategy.map(({ key, value }) => (value === undefined ? key : `${key}=${value}`));
  return { maxUnavailable, partition, scatter };
}
