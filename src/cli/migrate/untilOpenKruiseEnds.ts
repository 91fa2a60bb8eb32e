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
      holder = await holderOr(holder, wait);
    }
    if (!wait.signal.aborted) wait.environment.log("info", "OpenKruise's manager has ended");
  } finally {
    await health?.close();
  }
}

const WATCH_MS = 15_000;

/** While ours runs: somebody may start OpenKruise's again, by hand or by a tool that sets its scale back. It is told as long as it lasts. */
export async function watchForOpenKruise(wait: Omit<OpenKruiseWait, "health">): Promise<void> {
  const { environment, signal } = wait;
  for (let toldAt = Number.NEGATIVE_INFINITY; !signal.aborted; ) {
    await sleep(environment.clock, WATCH_MS, signal);
    const holder = await holderOr(undefined, wait);
    if (holder === undefined || environment.clock.now() - toldAt < TELL_EVERY_MS) continue;
    toldAt = environment.clock.now();
    const fields = { reason: MIGRATION_REASONS.bothManagersRun[0], lease: OPENKRUISE.lease, holder };
    environment.log(
      "error",
      "OpenKruise's manager runs beside ours: both upgrade the same pods, end one of them",
      fields,
    );
  }
}

/** What was known, while the API server is away. */
async function holderOr(known: string | undefined, wait: Omit<OpenKruiseWait, "health">): Promise<string | undefined> {
  try {
    return await holderOf(wait);
  } catch (error) {
    if (isClusterError(error)) return known;
    throw error;
  }
}

/** Who may not look begins: most installations have never had an OpenKruise. */
async function holderOf({
  cluster,
  environment,
  systemNamespace,
  signal,
}: Omit<OpenKruiseWait, "health">): Promise<string | undefined> {
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
