import { afterEach, beforeEach, expect, it } from "vitest";
import { FaultyView } from "../../test/stories/faultyView.ts";
import { settle, VirtualClock } from "../../test/virtualClock.ts";
import type { KubeObject } from "../core/kube/object.ts";
import { type PodRecord, podRecord } from "../core/pod/podRecord.ts";
import { NO_WEBHOOKS } from "../simulator/admission/webhookCaller.ts";
import { ApiServer } from "../simulator/apiServer.ts";
import { inMemoryCluster } from "../simulator/inMemoryCluster.ts";
import type { Cluster } from "./cluster.ts";
import { startInformer } from "./informer.ts";
import type { LocalCopy } from "./localCopy.ts";
import { podsCaughtUp } from "./podsCaughtUp.ts";
import { NAMESPACES, PODS } from "./resource.ts";

let clock: VirtualClock;
let cluster: Cluster;
let view: FaultyView;
let copy: LocalCopy<PodRecord>;
let stop: AbortController;

beforeEach(async () => {
  clock = new VirtualClock();
  stop = new AbortController();
  const environment = { clock, random: () => 0.5, log: () => {} };
  cluster = inMemoryCluster(new ApiServer({ environment, webhooks: NO_WEBHOOKS }));
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: "ns-1" } });
  for (const name of ["a", "b"]) await cluster.create(PODS, aPod(name));
  view = new FaultyView(cluster, clock);
  copy = startInformer({ cluster: view.cluster, environment, signal: stop.signal, type: PODS, transform: podRecord });
  await copy.synced;
  await settle();
});
afterEach(() => stop.abort());

it("a copy that shows every pod as it is has caught up at once", async () => {
  expect(await caughtUpWithin(0)).toBe(true);
});

it("a copy whose watch is late has caught up when the last write before the question has come", async () => {
  view.delayPods(1_500);
  await label("a");
  const caughtUp = caughtUpWithin(1_000);
  expect(await caughtUp).toBe(false);
  expect(await caughtUpWithin(1_000)).toBe(true);
  expect(copy.get({ namespace: "ns-1", name: "a" })?.labels).toMatchObject({ touched: "yes" });
});

it("a pod that is gone before the watch tells of it is not waited for", async () => {
  view.delayPods(10_000);
  await cluster.create(PODS, aPod("c"));
  const caughtUp = caughtUpWithin(5_000);
  await cluster.delete(PODS, { namespace: "ns-1", name: "c" }, { gracePeriodSeconds: 0 });
  expect(await caughtUp).toBe(true);
});

it("nobody waits after the end", async () => {
  view.delayPods(60_000);
  await label("a");
  const caughtUp = caughtUpWithin(1_000);
  stop.abort();
  expect(await caughtUp).toBe(true);
});

/** Whether it settles within the time, which passes meanwhile. */
async function caughtUpWithin(limitMs: number): Promise<boolean> {
  let done = false;
  const waiting = podsCaughtUp(copy, { cluster, clock, signal: stop.signal }).then(() => {
    done = true;
  });
  await clock.advance(limitMs);
  await settle();
  void waiting;
  return done;
}

async function label(name: string): Promise<void> {
  const patch = { metadata: { labels: { touched: "yes" } } };
  await cluster.patch(PODS, { namespace: "ns-1", name }, { type: "merge", patch });
  await settle();
}

function aPod(name: string): KubeObject {
  const spec = { nodeName: "node-1", containers: [{ name: "app", image: "app:1" }] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "ns-1", labels: {} }, spec } as KubeObject;
}
