import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PODS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { Scrape } from "../scrape.ts";
import { type StoredSet, StoryCluster } from "./storyCluster.ts";

const OLD = "logtail:1.0.0";
const NEW = "logtail:1.0.1";
const LOGGING = { sidecarset: "logging" };

let story: StoryCluster;
beforeEach(async () => {
  story = await StoryCluster.start();
});
afterEach(() => {
  story.stop();
  expect(story.warnings).toEqual([]);
});

describe("a scrape", () => {
  it("agrees with the world at every moment of a rollout", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 2, partition: 3 } });
    await story.createPods(9);
    await story.createPods(1, { app: "web" }, "spare");
    await story.setImage(NEW);
    const seen = new Set<number>();
    for (let step = 0; step < 120; step++) {
      await story.clock.advance(250);
      const scraped = await scrape();
      const updated = story.observer.withImage(NEW);
      const down = updated.filter((pod) => !pod.ready || pod.restarting);
      expect(podsOf(scraped)).toMatchObject({
        selected: 10,
        matched: 10,
        updated: updated.length,
        updated_ready: updated.length - down.length,
        ready: 10 - down.length,
        stuck: 0,
        drifted: 0,
      });
      expect(scraped.value("sidecarset_budget_limit", LOGGING)).toBe(2);
      expect(scraped.value("sidecarset_budget_used", LOGGING)).toBe(down.length);
      seen.add(down.length);
    }
    expect([...seen].sort()).toEqual([0, 1, 2]);
    const held = await scrape();
    expect(podsOf(held)).toMatchObject({ updated: 7, held: 3 });
    expect(held.value("sidecarset_pods_waiting", { ...LOGGING, reason: "U05" })).toBe(3);
    expect(held.all("sidecarset_by_reason").map(({ labels }) => labels)).toEqual([
      { sidecarset: "logging", phase: "Held", reason: "HeldByPartition" },
    ]);
  });

  it("tells the same as the object under the names of before", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: "25%", partition: "50%" } });
    await story.createPods(6);
    await story.setImage(NEW);
    await story.quiet();
    const { metadata, status } = (await story.set()) as StoredSet;
    const scraped = await scrape();
    const of = (name: string, labels = {}) => scraped.value(`kruise_sidecarset_${name}`, { ...LOGGING, ...labels });
    expect({
      created: of("created"),
      matched: of("status_replicas_matched"),
      updated: of("status_replicas_updated"),
      ready: of("status_replicas_ready"),
      updatedReady: of("status_replicas_updated_ready"),
      observed: of("status_observed_generation"),
      generation: of("spec_metadata_generation"),
    }).toEqual({
      created: Date.parse(metadata.creationTimestamp!) / 1000,
      matched: status!.matchedPods,
      updated: status!.updatedPods,
      ready: status!.readyPods,
      updatedReady: status!.updatedReadyPods,
      observed: status!.observedGeneration,
      generation: metadata.generation,
    });
    expect(of("status_replicas_updated")).toBe(3);
    expect(of("spec_strategy_rollingupdate_max_unavailable")).toBe(2);
    expect(of("spec_strategy_partition", { partition: "50%" })).toBe(1);
    expect(of("spec_strategy_type", { strategy_type: "RollingUpdate" })).toBe(1);
    expect(of("spec_namespcace", { namespace: "" })).toBe(1);
    expect(of("spec_containers_injectpolicy", { injectpolicy: "BeforeAppContainer" })).toBe(1);
    expect(of("spec_containers_strategy_type", { strategy_type: "ColdUpgrade" })).toBe(1);
    expect(of("spec_containers_volumepolicy", { volumepolicy: "disabled" })).toBe(1);
    expect(of("spec_containers_strategy_hotupgradeemptyimage", { hotupgradeemptyimage: "" })).toBe(1);
    expect(of("labels")).toBe(1);
  });

  it("has how long a rollout took, and which part of it was a pause", async () => {
    await story.apply({ updateStrategy: { maxUnavailable: 1 } });
    await story.createPods(4);
    await story.setImage(NEW);
    const began = story.clock.now();
    await story.until(() => story.observer.withImage(NEW).length === 2);
    await story.edit({ updateStrategy: { paused: true } });
    await story.clock.advance(60_000);
    const paused = await scrape();
    expect(paused.value("sidecarset_rollout_running_seconds", LOGGING)).toBeLessThan(30);
    await story.edit({ updateStrategy: { paused: false } });
    await story.until(async () => (await story.set()).status?.history?.[0]?.result === "Promoted");
    const took = (story.clock.now() - began) / 1000;
    const scraped = await scrape();
    const sum = (part: string) => scraped.value(`sidecarset_rollout_${part}_seconds_sum`, { result: "Promoted" })!;
    expect(scraped.value("sidecarset_rollout_duration_seconds_count", { result: "Promoted" })).toBe(1);
    expect(sum("duration")).toBeGreaterThan(took - 0.5);
    expect(sum("duration")).toBeLessThanOrEqual(took);
    expect(sum("pause")).toBeGreaterThan(59.5);
    expect(sum("pause")).toBeLessThan(60.5);
    expect(sum("progress") + sum("pause")).toBeCloseTo(sum("duration"), 6);
    expect(scraped.value("sidecarset_pod_update_seconds_count")).toBe(4);
    expect(scraped.all("sidecarset_rollout_running_seconds")).toEqual([]);
  });

  it("counts what cannot be updated in place, and pods without sidecars, by their codes", async () => {
    await story.cluster.create(PODS, aPod("early"));
    await story.apply({});
    await story.createPods(2);
    await story.edit({ containers: [{ name: "logtail", image: OLD, env: [{ name: "LEVEL", value: "debug" }] }] });
    await story.quiet();
    const scraped = await scrape();
    expect(scraped.value("sidecarset_pods_waiting", { ...LOGGING, reason: "U07" })).toBe(2);
    expect(scraped.value("sidecarset_pods_uncovered", { reason: "I04" })).toBe(1);
    expect(scraped.value("sidecarset_by_reason", { ...LOGGING, phase: "Blocked", reason: "NotUpgradable" })).toBe(1);
  });

  it("forgets a SidecarSet that is gone, and has nothing of SidecarSets where nobody leads", async () => {
    await story.apply({});
    await story.createPods(1);
    expect((await scrape()).all("sidecarset_pods").length).toBe(8);
    await story.cluster.delete(SIDECAR_SETS, { name: "logging" });
    await story.clock.advance(1_000);
    expect((await scrape()).all("sidecarset_pods")).toEqual([]);
    await story.apply({});
    expect((await scrape()).all("sidecarset_pods").length).toBe(8);
    story.stopController();
    const scraped = await scrape();
    for (const name of ["sidecarset_pods", "kruise_sidecarset_created", "workqueue_depth"])
      expect(scraped.all(name)).toEqual([]);
  });

  it("has the work of the controller, and how old its copies may be", async () => {
    await story.apply({});
    await story.createPods(2);
    const before = await scrape();
    await story.setImage(NEW);
    await story.quiet();
    const after = await scrape();
    const grown = (name: string, labels = {}) => after.value(name, labels)! - (before.value(name, labels) ?? 0);
    const plans = grown("workqueue_work_duration_seconds_count");
    expect(plans).toBeGreaterThan(2);
    expect(
      ["success", "requeue_after"].reduce(
        (sum, result) => sum + grown("controller_runtime_reconcile_total", { result }),
        0,
      ),
    ).toBe(plans);
    expect(grown("workqueue_queue_duration_seconds_count")).toBe(plans);
    expect(after.value("workqueue_depth")).toBe(0);
    expect(after.value("workqueue_retries_total") ?? 0).toBe(0);
    await story.clock.advance(600_000);
    const lags = (await scrape()).all("sidecarset_watch_lag_seconds");
    expect(lags.map(({ labels }) => labels.resource).sort()).toEqual([
      "configmaps",
      "controllerrevisions",
      "namespaces",
      "pods",
      "sidecarsets",
    ]);
    for (const { value } of lags) expect(value).toBeLessThan(65);
    expect(story.observer.withImage(OLD)).toEqual([]);
  });
});

async function scrape(): Promise<Scrape> {
  return new Scrape(await story.metrics.registry.metrics());
}

function podsOf(scraped: Scrape): Record<string, number> {
  const pods = scraped.all("sidecarset_pods", LOGGING);
  return Object.fromEntries(pods.map(({ labels, value }) => [labels.state!, value]));
}

function aPod(name: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "ns-1", labels: { app: "web" } },
    spec: { nodeName: "node-1", containers: [{ name: "app", image: "app:1" }] },
  } as KubeObject;
}
