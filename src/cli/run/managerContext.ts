import type { Cluster } from "../../cluster/cluster.ts";
import type { Environment } from "../../cluster/environment.ts";
import type { RolloutCopies } from "../../cluster/gatherSnapshot.ts";
import type { InjectionRules } from "../../core/injection/injection.ts";

/** What the parts of one manager share, on every replica. */
export interface ManagerContext {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly systemNamespace: string;
  readonly rules: Required<InjectionRules>;
  readonly copies: RolloutCopies;
  /** Aborts when the manager ends. */
  readonly signal: AbortSignal;
}
