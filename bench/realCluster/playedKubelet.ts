/**
 * Plays the kubelets of a fleet, as a process of its own: as soon as the watch shows another image of the sidecar, the pod's status gets
 * a new container of that image, ready, in one write. Real ones take longer and write more often; this one hardly limits who is measured.
 */
import { type Environment, systemClock } from "../../src/cluster/environment.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import { PODS } from "../../src/cluster/resource.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { SIDECAR } from "./sidecarSets.ts";

/** Told once, before anything else: answered when every pod is known. Afterwards each question is answered when that has come about. */
export type KubeletQuestion =
  | { readonly kind: "start"; readonly kubeconfig: string }
  | { readonly kind: "await"; readonly image: string; readonly pods: number };

/** Milliseconds since the epoch. */
export interface SeenRollout {
  /** The watch showed the first and the last pod with the image. */
  readonly firstWritten: number;
  readonly lastWritten: number;
  /** The last status was written. */
  readonly lastReady: number;
}

interface Tally {
  readonly written: number[];
  ready: number;
  lastReady: number;
  told?: () => void;
}

const tallies = new Map<string, Tally>();

process.on("message", (question: KubeletQuestion) => {
  answer(question).then(
    (answered) => process.send!(answered),
    (error: unknown) => fail(error),
  );
});

async function answer(question: KubeletQuestion): Promise<SeenRollout | "started"> {
  if (question.kind === "start") return start(question.kubeconfig);
  const { image, pods } = question;
  const tally = tallyOf(image);
  while (tally.ready < pods) await new Promise<void>((told) => (tally.told = told));
  return { firstWritten: tally.written[0]!, lastWritten: tally.written[pods - 1]!, lastReady: tally.lastReady };
}

async function start(kubeconfig: string): Promise<"started"> {
  const cluster = await connect({ kubeconfig, variables: {} });
  const environment: Environment = { clock: systemClock, random: Math.random, log: () => {} };
  const { signal } = new AbortController();
  const pods = startInformer<Pod, Pod>({ cluster, environment, signal, type: PODS, transform: (pod) => pod });
  await pods.synced;
  pods.subscribe((change) => {
    if (change.type === "updated") follow(cluster, change).catch(fail);
  });
  return "started";
}

async function follow(cluster: KubeApi, { old, object }: { readonly old: Pod; readonly object: Pod }): Promise<void> {
  const image = imageOf(object);
  if (image === undefined || image === imageOf(old)) return;
  const tally = tallyOf(image);
  tally.written.push(Date.now());
  const statuses = object.status?.containerStatuses ?? [];
  const index = statuses.findIndex(({ name }) => name === SIDECAR.name);
  const before = statuses[index]!;
  const generation = object.metadata.generation ?? 0;
  const id = `${object.metadata.uid}-${generation}`;
  const value = {
    ...before,
    image,
    imageID: `registry.example/agents/logtail@sha256:${id}`,
    containerID: `containerd://${id}`,
    restartCount: (before.restartCount ?? 0) + 1,
  };
  const operations = [
    { op: "replace", path: `/status/containerStatuses/${index}`, value },
    { op: "add", path: "/status/observedGeneration", value: generation },
  ] as const;
  const { namespace = "", name = "" } = object.metadata;
  await cluster.patch(
    PODS,
    { namespace, name },
    { type: "json", operations: operations as never },
    { subresource: "status", fieldManager: "kubelet", sparse: true },
  );
  tally.ready++;
  tally.lastReady = Date.now();
  tally.told?.();
}

function tallyOf(image: string): Tally {
  const known = tallies.get(image) ?? { written: [], ready: 0, lastReady: 0 };
  tallies.set(image, known);
  return known;
}

function imageOf({ spec }: Pod): string | undefined {
  return spec.containers.find(({ name }) => name === SIDECAR.name)?.image;
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
