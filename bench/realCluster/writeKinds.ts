import { PODS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { median, rounded } from "../median.ts";
import { wirePod } from "../wirePods.ts";
import { type RawClient, rawClient } from "./apiServerClient.ts";
import { apiServerPid } from "./apiServerProcess.ts";
import { benchmark, createNamespace, type RealCluster } from "./controlPlane.ts";
import { cpuMs } from "./processFigures.ts";
import { KINDS, type WriteKind, type Written } from "./writeKind.ts";

const NAMESPACE = "write-kinds";
const PODS_IN_ALL = Number(process.env.BENCH_PODS ?? 500);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const WINDOW = 16;

interface Figures {
  readonly serverMs: number;
  readonly ownMs: number;
  readonly perSecond: number;
}

/** The kinds in turn, each over all pods: image and records of an upgrade, guarded. Then with somebody else's change in between. */
async function writeKinds({ api, kubeconfig, atEnd }: RealCluster): Promise<object> {
  await createNamespace(api, NAMESPACE);
  const client = rawClient(kubeconfig, WINDOW);
  atEnd(() => client.close());
  const pods = await createPods(api);
  const server = apiServerPid();
  const figures = new Map<string, Figures[]>(KINDS.map(({ name }) => [name, []]));
  let turn = 0;
  for (let round = 0; round < ROUNDS + 1; round++) {
    for (const kind of KINDS) {
      turn++;
      await reread(client, pods);
      const taken = await measured(server, () => sideBySide(pods, (pod) => written(kind, client, pod, turn)));
      // The first round warms everything up.
      if (round > 0) figures.get(kind.name)!.push(taken);
    }
  }
  const conflicts = new Map<string, readonly [number, number]>();
  for (const kind of KINDS) conflicts.set(kind.name, await refusals(kind, client, pods.slice(0, 100), ++turn));
  return {
    benchmark: "write-kinds",
    pods: PODS_IN_ALL,
    podBytes: JSON.stringify(pods[0]!.object).length,
    rounds: ROUNDS,
    kinds: Object.fromEntries(
      KINDS.map(({ name }) => {
        const of = (figure: keyof Figures): number => rounded(median(figures.get(name)!.map((one) => one[figure])), 2);
        const [unrelated, related] = conflicts.get(name)!;
        const serverRange = figures.get(name)!.map(({ serverMs }) => rounded(serverMs, 2));
        return [
          name,
          {
            serverMs: of("serverMs"),
            ownMs: of("ownMs"),
            perSecond: Math.round(of("perSecond")),
            refusedAfterUnrelatedChange: `${unrelated}%`,
            refusedAfterImageChange: `${related}%`,
            serverMsOfRounds: serverRange,
          },
        ];
      }),
    ),
  };
}

interface KnownPod {
  object: KubeObject;
}

async function createPods(api: RealCluster["api"]): Promise<readonly KnownPod[]> {
  const pods: KnownPod[] = Array.from({ length: PODS_IN_ALL }, (_, index) => ({ object: ours(index) }));
  await sideBySide(pods, async (pod) => {
    const { status, ...created } = pod.object as KubeObject & { readonly status: object };
    const { metadata } = await api.create(PODS, created);
    pod.object = await api.update(PODS, { ...created, metadata, status } as KubeObject, { subresource: "status" });
  });
  return pods;
}

/** A pod that no scheduler and no kubelet takes: nobody else writes it. */
function ours(index: number): KubeObject {
  const { metadata, spec, status } = wirePod(index) as unknown as Pod;
  const { labels, annotations } = metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `pod-${index}`, namespace: NAMESPACE, labels, annotations },
    spec: { ...spec, nodeName: undefined, schedulerName: "nobody" },
    status,
  } as unknown as KubeObject;
}

async function reread(client: RawClient, pods: readonly KnownPod[]): Promise<void> {
  const { body } = await client.send({ method: "GET", path: `/api/v1/namespaces/${NAMESPACE}/pods` });
  const { items } = JSON.parse(body.toString("utf8")) as { readonly items: readonly KubeObject[] };
  const byName = new Map(items.map((item) => [item.metadata.name, item]));
  for (const pod of pods) pod.object = { ...byName.get(pod.object.metadata.name)!, apiVersion: "v1", kind: "Pod" };
}

async function written(kind: WriteKind, client: RawClient, { object }: KnownPod, turn: number): Promise<Written> {
  const result = await kind.write(client, object, `registry.example.com/logtail:1.0.${turn}`);
  if (result !== "written") throw new Error(`${kind.name}: ${result}`);
  return result;
}

async function measured(server: number, work: () => Promise<void>): Promise<Figures> {
  const [before, own, started] = [cpuMs(server), process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(own);
  return {
    serverMs: (cpuMs(server) - before) / PODS_IN_ALL,
    ownMs: (user + system) / 1000 / PODS_IN_ALL,
    perSecond: (PODS_IN_ALL * 1000) / (performance.now() - started),
  };
}

/** How many percent of the writes are refused when somebody has written another field meanwhile, and when they have written ours. */
async function refusals(
  kind: WriteKind,
  client: RawClient,
  pods: readonly KnownPod[],
  turn: number,
): Promise<readonly [number, number]> {
  const percents: number[] = [];
  for (const change of [
    { metadata: { annotations: { "example.com/heartbeat": String(turn) } } },
    { spec: { containers: [{ name: "logtail", image: `somebody.example.com/logtail:${turn}` }] } },
  ]) {
    await reread(client, pods);
    let refused = 0;
    await sideBySide(pods, async ({ object }) => {
      const path = `/api/v1/namespaces/${NAMESPACE}/pods/${object.metadata.name}`;
      const contentType = "application/strategic-merge-patch+json";
      await client.send({ method: "PATCH", path, contentType, body: JSON.stringify(change) });
      const result = await kind.write(client, object, `registry.example.com/logtail:2.0.${turn}`);
      if (result === "refused") refused++;
    });
    percents.push((refused * 100) / pods.length);
  }
  return [percents[0]!, percents[1]!];
}

async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const next = items[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: WINDOW }, async () => {
      for (const item of next) await work(item);
    }),
  );
}

await benchmark(writeKinds);
