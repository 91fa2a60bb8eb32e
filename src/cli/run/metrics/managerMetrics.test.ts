import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Registry } from "prom-client";
import { beforeEach, describe, expect, it } from "vitest";
import { aSidecarSet } from "../../../../test/aSidecarSet.ts";
import { Scrape } from "../../../../test/scrape.ts";
import { VirtualClock } from "../../../../test/virtualClock.ts";
import { PODS } from "../../../cluster/resource.ts";
import type { SelfTest } from "../../../controller/selfTest.ts";
import { WorkQueue } from "../../../controller/workQueue.ts";
import { connectTo } from "../../../kubeapi/connect.ts";
import { registerOriginalMetrics } from "./originalMetrics.ts";
import { registerQueueMetrics } from "./queueMetrics.ts";
import { registerRequestMetrics } from "./requestMetrics.ts";
import { registerSelfTestMetrics } from "./selfTestMetrics.ts";
import { registerWatchMetrics } from "./watchMetrics.ts";

let registry: Registry;
beforeEach(() => {
  registry = new Registry();
});

describe("the metrics of the original", () => {
  it("have labels that Prometheus takes, the one namespace, and each answer of containers once", async () => {
    const sidecar = { image: "a:1", upgradeStrategy: { upgradeType: "ColdUpgrade" } };
    const spec = {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } },
      containers: [
        { ...sidecar, name: "a" },
        { ...sidecar, name: "b", podInjectPolicy: "AfterAppContainer" },
        { ...sidecar, name: "c" },
      ],
    };
    const set = aSidecarSet(spec, { labels: { "app.kubernetes.io/part-of": 'the "mesh"' } });
    registerOriginalMetrics(registry, () => [{ set, status: undefined }]);
    const scraped = await scrape();
    const labels = { sidecarset: "logging", label_app_kubernetes_io_part_of: 'the \\"mesh\\"' };
    expect(scraped.all("kruise_sidecarset_labels")).toEqual([{ name: "kruise_sidecarset_labels", labels, value: 1 }]);
    expect(scraped.value("kruise_sidecarset_spec_namespcace", { namespace: "shop" })).toBe(1);
    const policies = scraped.all("kruise_sidecarset_spec_containers_injectpolicy");
    expect(policies.map((sample) => sample.labels.injectpolicy)).toEqual(["BeforeAppContainer", "AfterAppContainer"]);
    expect(scraped.all("kruise_sidecarset_created")).toEqual([]);
  });
});

describe("the lag of a watch", () => {
  it("grows while nothing is heard, each kind by itself", async () => {
    const clock = new VirtualClock();
    const heard = registerWatchMetrics(registry, clock);
    expect((await scrape()).all("sidecarset_watch_lag_seconds")).toEqual([]);
    heard(PODS);
    heard({ ...PODS, plural: "nodes" });
    await clock.advance(90_000);
    heard(PODS);
    await clock.advance(1_000);
    const scraped = await scrape();
    expect(scraped.value("sidecarset_watch_lag_seconds", { resource: "pods" })).toBe(1);
    expect(scraped.value("sidecarset_watch_lag_seconds", { resource: "nodes" })).toBe(91);
  });
});

describe("the metrics of the queue", () => {
  it("count what is added once, what waits, what runs, and what fails", async () => {
    const clock = new VirtualClock();
    const ends: ((error?: Error) => void)[] = [];
    const queue: WorkQueue = new WorkQueue({
      clock,
      random: () => 1,
      work: () => new Promise((done, fail) => ends.push((error) => (error ? fail(error) : done(undefined)))),
      onFailure: () => {},
      observer: registerQueueMetrics(registry, () => queue.load),
    });
    for (const key of ["a", "a", "b"]) queue.add(key);
    await clock.advance(1_000);
    queue.add("a");
    queue.add("a");
    await clock.advance(3_000);
    const busy = await scrape();
    expect(busy.value("workqueue_adds_total")).toBe(3);
    expect(busy.value("workqueue_depth")).toBe(1);
    expect(busy.value("workqueue_longest_running_processor_seconds")).toBeCloseTo(3.995);
    expect(busy.value("workqueue_unfinished_work_seconds")).toBeCloseTo(7.99);
    ends[0]!();
    ends[1]!(new Error("broken"));
    await clock.advance(0);
    const done = await scrape();
    expect(done.value("controller_runtime_reconcile_total", { result: "success" })).toBe(1);
    expect(done.value("controller_runtime_reconcile_total", { result: "error" })).toBe(1);
    expect(done.value("workqueue_retries_total")).toBe(1);
    expect(done.value("workqueue_work_duration_seconds_sum")).toBeCloseTo(7.99);
    queue.stop();
  });
});

describe("requests to the API server", () => {
  it("are counted by method and code, and without an answer", async () => {
    const server = createServer((request, response) => {
      if (request.method === "DELETE") return void request.destroy();
      response.writeHead(request.url === "/version" ? 200 : 404).end('{"gitVersion":"v1"}');
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const read = async () => ({ server: `http://${host}`, tls: {}, headers: {} });
    const api = await connectTo({ description: "test", read }, { onAnswer: registerRequestMetrics(registry) });
    await expect(api.get(PODS, { namespace: "a", name: "b" })).rejects.toThrow();
    await expect(api.delete(PODS, { namespace: "a", name: "b" })).rejects.toThrow();
    await api.close();
    server.close();
    const counted = (await scrape()).all("rest_client_requests_total");
    expect(counted.map(({ labels, value }) => [labels.method, labels.code, labels.host, value])).toEqual([
      ["GET", "200", host, 1],
      ["GET", "404", host, 1],
      ["DELETE", "<error>", host, 1],
    ]);
  });
});

describe("the self-test", () => {
  const window: SelfTest["windows"][number] = { found: "missed", from: 1_000, until: 2_000 };
  const missed = { running: true, reached: false as boolean | undefined, windows: [window], lastSuccess: 500 };

  it.each([
    ["0 and when it was reached last", missed, { up: 0, last_success_timestamp_seconds: 0.5 }],
    [
      "when it was reached last, where the API server does not answer",
      { ...missed, reached: undefined },
      { last_success_timestamp_seconds: 0.5 },
    ],
    ["0 for never", { ...missed, lastSuccess: undefined }, { up: 0, last_success_timestamp_seconds: 0 }],
    ["nothing before the first test", { ...missed, reached: undefined, windows: [] }, {}],
    ["nothing when this process leads no more", { ...missed, running: false }, {}],
  ])("tells %s", async (_what, selfTest, told) => {
    registerSelfTestMetrics(registry, selfTest);
    const { samples } = await scrape();
    const prefix = "sidecarset_webhook_selftest_";
    expect(Object.fromEntries(samples.map(({ name, value }) => [name.replace(prefix, ""), value]))).toEqual(told);
  });
});

async function scrape(): Promise<Scrape> {
  return new Scrape(await registry.metrics());
}
