import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEPLOYMENTS } from "../../src/cluster/resource.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { containerStatusOf } from "./containerProcess.ts";
import { ask, deployment, isReady, type NodeWorld, startNodeWorld } from "./nodeWorld.ts";

const PORT = 9001;
const [OLD, NEW] = ["local/sidecar:1", "local/sidecar:2"];
/** Longer than the kubelet carries the answer of the container before over to the next. */
const WARM_UP_SECONDS = 4;

let world: NodeWorld;

beforeAll(async () => {
  world = await startNodeWorld("node-startup");
});
afterAll(() => world.stop());

describe("a sidecar with a startup probe and no readiness probe", () => {
  it("holds its budget until its program is ready, although its kubelet calls it ready at once", async () => {
    await world.createSet({
      selector: { matchLabels: { app: "web" } },
      containers: [
        {
          name: "sidecar",
          image: OLD,
          env: [
            { name: "PORT", value: String(PORT) },
            { name: "WARM_UP", value: `${WARM_UP_SECONDS}s` },
          ],
          startupProbe: { httpGet: { path: "/ready", port: PORT }, periodSeconds: 1, failureThreshold: 60 },
        },
      ],
      updateStrategy: { maxUnavailable: 1 },
    });
    await world.cluster.create(DEPLOYMENTS, deployment(world.namespace, 3));
    await world.until("three ready pods", () => world.podsNow().length === 3 && world.podsNow().every(isReady));
    await world.rolledOut();

    const olderAnswers: Promise<readonly number[]>[] = [];
    const calledReady: Promise<number>[] = [];
    const written: Pod[] = [];
    const stop = world.pods.subscribe((change) => {
      if (change.type !== "updated") return;
      if (imageOf(change.old) === OLD && imageOf(change.object) === NEW) {
        olderAnswers.push(Promise.all(written.map(readyAnswer)));
        written.push(change.object);
      }
      if (restarted(change.old, change.object) && isReady(change.object)) calledReady.push(readyAnswer(change.object));
    });
    await world.setImage("containers", NEW);
    await world.rolledOut();
    stop();
    expect((await Promise.all(calledReady)).filter((answer) => answer !== 200)).not.toEqual([]);
    expect(await Promise.all(olderAnswers)).toEqual([[], [200], [200, 200]]);
    expect(await Promise.all(world.podsNow().map(readyAnswer))).toEqual([200, 200, 200]);
  });
});

function imageOf({ spec }: Pod): string | undefined {
  return spec.containers.find(({ name }) => name === "sidecar")?.image;
}

function restarted(old: Pod, young: Pod): boolean {
  return containerStatusOf(old, "sidecar")?.containerID !== containerStatusOf(young, "sidecar")?.containerID;
}

/** 0: nobody listens yet. */
function readyAnswer(pod: Pod): Promise<number> {
  return ask(pod, PORT, "/ready").then(
    ({ status }) => status,
    () => 0,
  );
}
