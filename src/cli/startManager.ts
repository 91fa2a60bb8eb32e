import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../cluster/environment.ts";

export interface ManagerOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  /** Where ControllerRevisions live, and the manager itself. */
  readonly systemNamespace: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** How the API server reaches the webhook; `listen`: by the address it listens on, for an API server on the same machine. */
  readonly address:
    | "listen"
    | { readonly url: string }
    | { readonly service: { readonly namespace: string; readonly name: string } };
  readonly signal: AbortSignal;
}

export interface Manager {
  /** Where the webhook listens. */
  readonly url: string;
  close(): Promise<void>;
}
