/**
 * `pod-creation`: pods created through the API server, dry run: without a webhook, with a bare one, with ours; and pods that no SidecarSet
 * selects while ours is registered. All of them in turn, in the same minutes.
 */
import { median, rounded } from "../median.ts";
import { apiServerPid } from "./apiServerProcess.ts";
import { ask, startProcess } from "./benchProcess.ts";
import { benchmark, createNamespace, type RealCluster } from "./controlPlane.ts";
import { startManager } from "./manager.ts";
import type { PodLoad, PodLoadResult } from "./podLoad.ts";
import { MARKS } from "./podMarks.ts";
import { NAMESPACE, type Registered, register, startBareWebhook } from "./podWebhooks.ts";
import { cpuMs } from "./processFigures.ts";
import { scaled } from "./scale.ts";
import { createSidecarSets, SELECTED, UNSELECTED } from "./sidecarSets.ts";

const AT_ONCE = 32;
const SECONDS = scaled(4);
const ROUNDS = scaled(9);
const LARGE = { variables: 1_500, atOnce: 1 };
const SMALL = { variables: 41, atOnce: AT_ONCE };

/** Each is measured once a round, so that the machine's good and bad moments meet all of them alike. */
const CASES = {
  none: { registered: "none", load: { ...SELECTED, ...SMALL } },
  unselected: { registered: "ours", load: { ...UNSELECTED, ...SMALL } },
  ours: { registered: "ours", load: { ...SELECTED, ...SMALL } },
  oursLarge: { registered: "ours", load: { ...SELECTED, ...LARGE } },
  bareLarge: { registered: "bare", load: { ...SELECTED, ...LARGE } },
  bare: { registered: "bare", load: { ...SELECTED, ...SMALL } },
} as const satisfies Record<string, Case>;

interface Case {
  readonly registered: Registered;
  readonly load: Pick<PodLoad, "app" | "variables" | "atOnce">;
}
type CaseName = keyof typeof CASES;
type Round = Readonly<Record<CaseName, Measured>>;

interface Measured extends PodLoadResult {
  /** CPU of a process for one pod. */
  readonly apiServerCpuMs: number;
  readonly webhookCpuMs: number;
}

void benchmark(async (cluster) => {
  const measure = await prepare(cluster);
  const names = Object.keys(CASES) as CaseName[];
  const rounds: Round[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const measured = {} as Record<CaseName, Measured>;
    // To and fro: who comes first is not always the same.
    for (const name of round % 2 === 0 ? names : names.toReversed()) measured[name] = await measure(CASES[name]);
    // The first round is for the compilers.
    if (round >= 0) rounds.push(measured);
  }
  return figures(rounds);
});

async function prepare(cluster: RealCluster): Promise<(one: Case) => Promise<Measured>> {
  const { api, kubeconfig, atEnd } = cluster;
  await createNamespace(api, NAMESPACE);
  const manager = await startManager(kubeconfig);
  atEnd(() => manager.stop());
  await createSidecarSets(api);
  const bare = await startBareWebhook(cluster);
  const client = await startProcess(cluster, "podLoad.ts");
  const apiServer = apiServerPid();
  let registered: Registered | undefined;
  return async (one) => {
    if (one.registered !== registered) await register(cluster, one.registered, bare);
    registered = one.registered;
    const marks = registered === "none" || one.load.app !== SELECTED.app ? [] : [MARKS[registered]];
    const webhook = registered === "bare" ? bare.pid : manager.pid;
    const before = { apiServer: cpuMs(apiServer), webhook: cpuMs(webhook) };
    const load: PodLoad = { kubeconfig, namespace: NAMESPACE, seconds: SECONDS, marks, ...one.load };
    const result = await ask<PodLoadResult>(client, load);
    return {
      ...result,
      apiServerCpuMs: (cpuMs(apiServer) - before.apiServer) / result.pods,
      webhookCpuMs: (cpuMs(webhook) - before.webhook) / result.pods,
    };
  };
}

function figures(rounds: readonly Round[]): object {
  const middle = (figure: (round: Round) => number, digits = 0) => rounded(median(rounds.map(figure)), digits);
  const cpu = (which: "apiServerCpuMs" | "webhookCpuMs", name: CaseName) => middle((round) => round[name][which], 3);
  return {
    atOnce: AT_ONCE,
    rounds: rounds.length,
    perSecond: middle(({ ours }) => ours.perSecond),
    barePerSecond: middle(({ bare }) => bare.perSecond),
    ratio: middle(({ ours, bare }) => ours.perSecond / bare.perSecond, 3),
    unselectedPerSecond: middle(({ unselected }) => unselected.perSecond),
    noWebhookPerSecond: middle(({ none }) => none.perSecond),
    unselectedRatio: middle(({ unselected, none }) => unselected.perSecond / none.perSecond, 3),
    largeMs: middle(({ oursLarge }) => oursLarge.medianMs, 1),
    bareLargeMs: middle(({ bareLarge }) => bareLarge.medianMs, 1),
    largeRatio: middle(({ oursLarge, bareLarge }) => oursLarge.medianMs / bareLarge.medianMs, 3),
    webhookCpuMs: cpu("webhookCpuMs", "ours"),
    bareCpuMs: cpu("webhookCpuMs", "bare"),
    apiServerCpuMs: cpu("apiServerCpuMs", "ours"),
    bareApiServerCpuMs: cpu("apiServerCpuMs", "bare"),
    unselectedApiServerCpuMs: cpu("apiServerCpuMs", "unselected"),
    noWebhookApiServerCpuMs: cpu("apiServerCpuMs", "none"),
    limits: { ratio: 0.85, unselectedRatio: 0.97, largeRatio: 1.15 },
  };
}
