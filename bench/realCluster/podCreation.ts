/**
 * `pod-creation`: pods created through the API server, dry run: without a webhook, with a bare one, with ours; and pods that no SidecarSet
 * selects while ours is registered. All of them in turn, in the same minutes.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createAuthority, issueLeaf } from "../../src/certificate/authority.ts";
import { CONFIG_MAPS, MUTATING_WEBHOOKS, PODS } from "../../src/cluster/resource.ts";
import { storeConfiguration } from "../../src/cluster/webhookConfiguration.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { STOP_SWITCHES } from "../../src/core/sidecarSet/stopSwitches.ts";
import { median, rounded } from "../median.ts";
import { benchmark, createNamespace, type RealCluster, SYSTEM_NAMESPACE } from "./controlPlane.ts";
import { startManager, unregister } from "./manager.ts";
import { MARKS, type PodLoad, type PodLoadResult } from "./podLoad.ts";
import { scaled } from "./scale.ts";
import { createSidecarSets, SELECTED, UNSELECTED } from "./sidecarSets.ts";
import { until } from "./until.ts";

const NAMESPACE = "shop";
const AT_ONCE = 32;
const SECONDS = scaled(4);
const ROUNDS = scaled(9);
const VARIABLES = 41;
const MANY_VARIABLES = 1_500;
const SWITCHES = { namespace: SYSTEM_NAMESPACE, name: STOP_SWITCHES };

type Registered = "none" | "bare" | "ours";

void benchmark(async (cluster) => {
  const { api, kubeconfig, atEnd } = cluster;
  await createNamespace(api, NAMESPACE);
  const manager = await startManager(kubeconfig);
  atEnd(() => manager.stop());
  await createSidecarSets(api);
  await api.create(CONFIG_MAPS, { apiVersion: "v1", kind: "ConfigMap", metadata: SWITCHES });
  const bare = await bareRegistration(cluster);
  const client = await started(cluster, "podLoad.ts");
  const common = { kubeconfig, namespace: NAMESPACE, ...SELECTED, variables: VARIABLES, atOnce: AT_ONCE };
  const under = async (registered: Registered, loads: readonly Partial<PodLoad>[]): Promise<PodLoadResult[]> => {
    await register(cluster, registered, bare);
    const results: PodLoadResult[] = [];
    const marks = registered === "none" ? [] : [MARKS[registered]];
    for (const load of loads) results.push(await ask(client, { ...common, seconds: SECONDS, marks, ...load }));
    return results;
  };
  const large = { variables: MANY_VARIABLES, atOnce: 1 };
  const unselected = { ...UNSELECTED, marks: [] };
  const rounds: Round[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const [none] = await under("none", [{}]);
    const [oursNot, ours, oursLarge] = await under("ours", [unselected, {}, large]);
    const [bareSmall, bareLarge] = await under("bare", [{}, large]);
    // The first one is for the compilers.
    if (round >= 0)
      rounds.push({
        none: none!,
        unselected: oursNot!,
        ours: ours!,
        oursLarge: oursLarge!,
        bare: bareSmall!,
        bareLarge: bareLarge!,
      });
  }
  return figures(rounds);
});

type Round = Readonly<Record<"none" | "unselected" | "ours" | "oursLarge" | "bare" | "bareLarge", PodLoadResult>>;

function figures(rounds: readonly Round[]): object {
  const middle = (figure: (round: Round) => number, digits = 0) => rounded(median(rounds.map(figure)), digits);
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
    limits: { ratio: 0.85, unselectedRatio: 0.97, largeRatio: 1.15 },
  };
}

/** Settles when the API server goes by it, which a pod shows that would come by the mark, or no more. */
async function register({ api }: RealCluster, wanted: Registered, bare: KubeObject): Promise<void> {
  const data = { registration: wanted === "ours" ? "running" : "stopped" };
  await api.patch(CONFIG_MAPS, SWITCHES, { type: "merge", patch: { data } });
  const { webhooks } = bare as KubeObject & { readonly webhooks: readonly [] };
  await storeConfiguration(api, MUTATING_WEBHOOKS, { ...bare, webhooks: wanted === "bare" ? webhooks : [] });
  await until(`${wanted} is in effect`, async () => {
    if (wanted !== "ours") await unregister(api);
    const { metadata, spec } = await api.create(PODS, probe(), { dryRun: true });
    const text = JSON.stringify({ metadata, spec });
    const seen = (Object.keys(MARKS) as (keyof typeof MARKS)[]).filter((by) => text.includes(MARKS[by]));
    if (seen.join() !== (wanted === "none" ? "" : wanted)) throw new Error(`the pod was changed by: ${seen.join()}`);
  });
}

function probe(): KubeObject & { readonly spec: object } {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: "probe-", namespace: NAMESPACE, labels: SELECTED, annotations: { probe: "" } },
    spec: { containers: [{ name: "web", image: "web" }] },
  };
}

/** The bare webhook runs from now on, and this is how the API server is told of it. */
async function bareRegistration(cluster: RealCluster): Promise<KubeObject> {
  const now = Date.now();
  const authority = await createAuthority({ commonName: "bench", now });
  const leaf = { commonName: "bench", usage: "server", now, ipAddresses: ["127.0.0.1"] } as const;
  const webhook = await started(cluster, "bareWebhook.ts");
  const port = await ask<number>(webhook, await issueLeaf(authority, leaf));
  const caBundle = Buffer.from(authority.certificate).toString("base64");
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "bare" },
    webhooks: [
      {
        name: "bare.example.com",
        clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] }],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": NAMESPACE } },
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  } as KubeObject;
}

/** A process of its own, of this folder. */
async function started({ atEnd }: RealCluster, file: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, file), {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const endWithUs = (): void => void child.kill();
  process.once("exit", endWithUs);
  atEnd(async () => {
    process.off("exit", endWithUs);
    if (child.kill()) await once(child, "exit");
  });
  await once(child, "spawn");
  return child;
}

/** Rejects when the process ends instead of answering. */
async function ask<T>(child: ChildProcess, question: object): Promise<T> {
  const answered = new AbortController();
  const ended = once(child, "exit", { signal: answered.signal }).then(() => {
    throw new Error("a process of the benchmark has ended");
  });
  ended.catch(() => {});
  const answer = once(child, "message", { signal: answered.signal });
  answer.catch(() => {});
  child.send(question);
  try {
    return ((await Promise.race([answer, ended])) as unknown[])[0] as T;
  } finally {
    answered.abort();
  }
}
