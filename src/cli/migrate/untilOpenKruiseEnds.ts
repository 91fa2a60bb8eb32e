import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { type Environment, sleep } from "../../cluster/environment.ts";
import { MIGRATION_REASONS } from "../../core/migration/migrationFinding.ts";
import { OPENKRUISE } from "../../core/migration/openKruise.ts";
import { healthEndpoints } from "../../webhook/health.ts";
import { startHealthServer } from "../../webhook/healthServer.ts";
import { listenError } from "../preflight.ts";
import { livingHolder } from "./livingHolder.ts";

export interface OpenKruiseWait {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly systemNamespace: string;
  /** Where health is told meanwhile: alive, not ready. Left out: nowhere. */
  readonly health: { readonly host: string; readonly port: number } | undefined;
  readonly signal: AbortSignal;
}

const TELL_EVERY_MS = 60_000;
const LOOK_MS = 1_000;
const NEXT = "sidecarset migrate --take-over ends it; sidecarset run --observe looks beside it";

const WAITING = `OpenKruise's manager runs (${MIGRATION_REASONS.bothManagersRun[0]})`;

/** Both managers would upgrade the same pods and inject the same ones: ours does not begin while OpenKruise's is alive. */
export async function untilOpenKruiseEnds(wait: OpenKruiseWait): Promise<void> {
  const first = await holderOf(wait);
  if (first === undefined) return;
  const health = await startHealth(wait);
  try {
    for (let holder: string | undefined = first, toldAt = Number.NEGATIVE_INFINITY; holder !== undefined; ) {
      const { clock, log } = wait.environment;
      if (clock.now() - toldAt >= TELL_EVERY_MS) {
        toldAt = clock.now();
        const fields = { reason: MIGRATION_REASONS.bothManagersRun[0], lease: OPENKRUISE.lease, holder, next: NEXT };
        log("warn", "OpenKruise's manager runs: waiting until it ends", fields);
      }
      await sleep(clock, LOOK_MS, wait.signal);
      holder = await holderOf(wait);
    }
    if (!wait.signal.aborted) wait.environment.log("info", "OpenKruise's manager has ended");
  } finally {
    await health?.close();
  }
}

/** Who may not look begins: most installations have never had an OpenKruise. */
async function holderOf({
  cluster,
  environment,
  systemNamespace,
  signal,
}: OpenKruiseWait): Promise<string | undefined> {
  const lease = { namespace: systemNamespace, name: OPENKRUISE.lease };
  try {
    return await livingHolder({ cluster, clock: environment.clock, lease, signal });
  } catch (error) {
    if (!isClusterError(error, "forbidden")) throw error;
    const { message } = error;
    environment.log("warn", "whether OpenKruise's manager runs is not known", { lease: lease.name, error: message });
    return undefined;
  }
}

async function startHealth({ health }: OpenKruiseWait) {
  if (health === undefined) return undefined;
  const endpoints = healthEndpoints({ live: [], ready: [{ name: "openkruise", problem: () => WAITING }] });
  try {
    return await startHealthServer({ ...health, endpoints });
  } catch (error) {
    throw listenError(error, health, "--health-port");
  }
}
