import type { Registry } from "prom-client";
import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import type { Environment } from "../../cluster/environment.ts";
import { CUSTOM_RESOURCE_DEFINITIONS, SIDECAR_SETS } from "../../cluster/resource.ts";
import { type InstallationRules, injectionRules } from "../../core/injection/injectionRules.ts";
import { healthEndpoints } from "../../webhook/health.ts";
import { startHealthServer } from "../../webhook/healthServer.ts";
import { metricsEndpoint } from "../../webhook/metricsEndpoint.ts";
import { EXIT } from "../exitCode.ts";
import { type Definition, sidecarSetsOf } from "../migrate/readMigration.ts";
import { listenError } from "../preflight.ts";
import { sampledGauge } from "../run/metrics/sampledGauge.ts";
import { Shadow } from "./shadow.ts";
import { shadowReport, shadowText } from "./shadowReport.ts";

export interface ObserveOptions extends InstallationRules {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly registry: Registry;
  /** Health and metrics; left out: nowhere. */
  readonly health: { readonly host: string; readonly port: number } | undefined;
  /** Of the report at the end. */
  readonly output: "text" | "json";
  readonly signal: AbortSignal;
  readonly interrupted: Promise<void>;
}

/** Looks beside OpenKruise until it is told to end, then prints what would differ. @returns the exit code: 3 when something would */
export async function observe(options: ObserveOptions): Promise<number> {
  const { cluster, environment, registry, systemNamespace, signal, output } = options;
  const { clock, log } = environment;
  const startedAt = clock.now();
  const rules = injectionRules(options);
  const sidecarSetType = await servedType(cluster);
  const shadow = new Shadow({ cluster, environment, systemNamespace, rules, sidecarSetType, signal });
  registerMetrics(registry, shadow);
  let isReady = false;
  const health = await startHealth(options, () => isReady);
  try {
    await shadow.start();
    isReady = true;
    log("info", "observing beside OpenKruise, nothing is written", { systemNamespace, ...shadow.counts });
    await options.interrupted;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await health?.close();
  }
  const report = shadowReport(shadow, { startedAt, now: clock.now() });
  process.stdout.write(output === "json" ? `${JSON.stringify(report, null, 2)}\n` : shadowText(report));
  return report.differences.byKind.length > 0 ? EXIT.findings : EXIT.done;
}

/** OpenKruise before 1.9 serves v1alpha1 alone. Who may not look at definitions takes what it has today. */
async function servedType(cluster: Cluster) {
  const name = `${SIDECAR_SETS.plural}.${SIDECAR_SETS.group}`;
  try {
    return sidecarSetsOf(await cluster.get<Definition>(CUSTOM_RESOURCE_DEFINITIONS, { name }));
  } catch (error) {
    if (isClusterError(error, "forbidden", "notFound")) return SIDECAR_SETS;
    throw error;
  }
}

function registerMetrics(registry: Registry, shadow: Shadow): void {
  sampledGauge(registry, {
    name: "sidecarset_shadow_differences",
    help: "Where our manager would do otherwise than OpenKruise does, at the moment, by kind.",
    *read() {
      const counts = new Map<string, number>([...shadow.differences.seen.keys()].map((kind) => [kind, 0]));
      for (const { kind } of shadow.differences.all()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
      for (const [kind, value] of counts) yield { labels: { kind }, value };
    },
  });
  sampledGauge(registry, {
    name: "sidecarset_shadow_pods",
    help: "Pods that are observed, and those of them whose sidecars were compared with our own injection.",
    *read() {
      const { pods, compared } = shadow.counts;
      yield { labels: { state: "observed" }, value: pods };
      yield { labels: { state: "compared" }, value: compared };
    },
  });
}

async function startHealth({ health, registry }: ObserveOptions, isReady: () => boolean) {
  if (health === undefined) return undefined;
  const ready = [
    { name: "copies", problem: () => (isReady() ? undefined : "the cluster's objects have not been read yet") },
  ];
  const endpoints = new Map([
    ...healthEndpoints({ live: [], ready }),
    ["/metrics", metricsEndpoint(registry)] as const,
  ]);
  try {
    return await startHealthServer({ ...health, endpoints });
  } catch (error) {
    throw listenError(error, health, "--health-port");
  }
}
