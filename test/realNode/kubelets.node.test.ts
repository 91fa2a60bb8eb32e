import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Environment, systemClock } from "../../src/cluster/environment.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import type { LocalCopy } from "../../src/cluster/localCopy.ts";
import { NAMESPACES, NODES, PODS } from "../../src/cluster/resource.ts";
import type { Container, Pod } from "../../src/core/kube/pod.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { type ContainerImages, runtimeName } from "../../src/simulator/kubelet/containerImages.ts";
import { startKubelet } from "../../src/simulator/kubelet/kubelet.ts";
import { nodesInZones, registerNodes } from "../../src/simulator/nodes.ts";
import { NODE_NAME } from "../realCluster/credentials.ts";
import { realKubeconfig } from "../realCluster/kubeconfigOfRun.ts";
import { containerStatusOf } from "./containerProcess.ts";
import { LOCAL_IMAGES } from "./localImages.ts";

const NAMESPACE = "kubelets";
const PATIENCE_MS = 80_000;
const environment: Environment = { clock: systemClock, random: Math.random, log: () => {} };
const controller = new AbortController();
const versions = new Map(LOCAL_IMAGES.map(({ name, tag, version }) => [`docker.io/local/${name}:${tag}`, version]));
const IMAGES: ContainerImages = {
  canPull: (image) => versions.has(runtimeName(image)),
  identityOf: (image) => versions.get(runtimeName(image)) ?? image,
  becomesReady: () => true,
  crashes: () => false,
};
let cluster: KubeApi;
let pods: LocalCopy<Pod>;
let playedNode: string;

beforeAll(async () => {
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const nodes = nodesInZones(1, 1, Date.now());
  playedNode = nodes[0]!.metadata.name!;
  await registerNodes(cluster, nodes);
  const { signal } = controller;
  const listOptions = { namespace: NAMESPACE };
  pods = startInformer<Pod, Pod>({
    cluster,
    environment,
    signal,
    type: PODS,
    transform: (pod) => pod,
    listOptions,
  });
  await pods.synced;
  startKubelet({ cluster, environment, pods, signal, nodes: new Set([playedNode]), images: IMAGES });
});
afterAll(async () => {
  for (const { metadata } of pods.values())
    await cluster.delete(PODS, { namespace: NAMESPACE, name: metadata.name! }, { gracePeriodSeconds: 1 });
  await until("pods gone", () => [...pods.values()].length === 0);
  await cluster.delete(NODES, { name: playedNode });
  controller.abort();
  await cluster.close();
});

/** What a kubelet says of one container at one moment. */
interface Word {
  /** The generation of the spec that it has acted on. */
  readonly generation: number;
  /** Which container under this name it is, from 1 on. */
  readonly container: number;
  readonly restarts: number;
  readonly says: string;
  readonly image: string;
}

interface Story {
  readonly sidecar: Partial<Container>;
  /** Each image is written when the kubelet has said this about the one before. */
  readonly images: readonly {
    readonly image: string;
    readonly until: (word: Word, walk: readonly Word[]) => boolean;
  }[];
}

const PROBE = { httpGet: { path: "/ready", port: 9001 }, periodSeconds: 1 };
const runs = (container: number) => (word: Word) => word.container === container && word.says === "ready";
const said = (says: string, times: number) => (_: Word, walk: readonly Word[]) =>
  walk.filter((word) => word.says === says).length >= times;

describe("the real kubelet and the played one tell the same of", { timeout: PATIENCE_MS }, () => {
  it.concurrent.each<readonly [string, Story]>([
    ["a changed image", { sidecar: {}, images: [{ image: "local/sidecar:2", until: runs(2) }] }],
    [
      "a changed image with a readiness probe",
      { sidecar: { readinessProbe: PROBE }, images: [{ image: "local/sidecar:2", until: runs(2) }] },
    ],
    [
      "a changed image with a startup probe",
      {
        sidecar: { startupProbe: PROBE },
        images: [
          {
            image: "local/sidecar:2",
            until: (word, walk) =>
              runs(2)(word) && walk.some(({ container, says }) => container === 2 && says !== "ready"),
          },
        ],
      },
    ],
    [
      "another tag of the same image",
      {
        sidecar: { image: "local/sidecar:3" },
        images: [{ image: "local/sidecar:stable", until: runs(2) }],
      },
    ],
    [
      "an image that cannot be pulled, and the one before again",
      {
        sidecar: {},
        images: [
          { image: "local/sidecar:missing", until: said("ImagePullBackOff", 1) },
          { image: "local/sidecar:1", until: runs(2) },
        ],
      },
    ],
    [
      "an image that cannot be pulled after another that could",
      {
        sidecar: {},
        images: [
          { image: "local/sidecar:2", until: runs(2) },
          { image: "local/sidecar:missing", until: said("ErrImagePull", 2) },
          { image: "local/sidecar:1", until: runs(3) },
        ],
      },
    ],
    [
      "images that change to and fro, until it waits",
      {
        sidecar: {},
        images: ["2", "1", "2", "1"].map((tag, index) => ({ image: `local/sidecar:${tag}`, until: runs(index + 2) })),
      },
    ],
  ])("%s", async (name, story) => {
    const title = name.replaceAll(/[^a-z]+/g, "-").slice(0, 40);
    const [real, played] = await Promise.all([
      play(`${title}-real`, NODE_NAME, story),
      play(`${title}-played`, playedNode, story),
    ]);
    expect(played).toEqual(real);
  });
});

/** @returns the walk of the container `sidecar` from the first change on */
async function play(name: string, nodeName: string, { sidecar, images }: Story): Promise<readonly Word[]> {
  const container: Container = {
    name: "sidecar",
    image: "local/sidecar:1",
    env: [
      { name: "PORT", value: "9001" },
      { name: "WARM_UP", value: "2s" },
    ],
    ...sidecar,
  };
  const walk: Word[] = [];
  const ids: string[] = [];
  const stop = pods.subscribe((change) => {
    if (change.type === "deleted" || change.object.metadata.name !== name) return;
    const word = wordOf(change.object, ids);
    if (word && JSON.stringify(word) !== JSON.stringify(walk.at(-1))) walk.push(word);
  });
  await cluster.create<Pod>(PODS, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: NAMESPACE },
    spec: { nodeName, automountServiceAccountToken: false, terminationGracePeriodSeconds: 1, containers: [container] },
  });
  await until(`${name} ready`, () => walk.at(-1)?.says === "ready");
  const start = walk.length - 1;
  for (const { image, until: condition } of images) {
    const operations = [{ op: "replace", path: "/spec/containers/0/image", value: image }] as const;
    await cluster.patch(PODS, { namespace: NAMESPACE, name }, { type: "json", operations });
    await until(`${name} with ${image}: ${JSON.stringify(walk)}`, () => condition(walk.at(-1)!, walk));
  }
  stop();
  return walk.slice(start);
}

/** @param ids of the containers so far; grows */
function wordOf(pod: Pod, ids: string[]): Word | undefined {
  const status = containerStatusOf(pod, "sidecar");
  if (!status?.containerID) return undefined;
  if (!ids.includes(status.containerID)) ids.push(status.containerID);
  const { state = {}, ready = false } = status;
  return {
    generation: pod.status?.observedGeneration ?? 0,
    container: ids.indexOf(status.containerID) + 1,
    restarts: status.restartCount ?? 0,
    says: state.waiting?.reason ?? state.terminated?.reason ?? (ready ? "ready" : "running"),
    image: status.image ?? "",
  };
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`did not come true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
