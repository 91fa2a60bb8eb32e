import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { DEPLOYMENTS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { Scrape } from "../scrape.ts";
import type { StoredSet } from "../stories/storyCluster.ts";
import { chunkWith, loadedBy } from "./chunks.ts";
import { type ManagedCluster, startManagedCluster } from "./managedCluster.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const text = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const PODS = 4;

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

let cluster: ManagedCluster;
let collector: Server;
let scraped: Scrape;
/** When the rollout was asked for, and when it was seen to be complete, in milliseconds since the epoch. */
let rollout: { readonly from: number; readonly until: number };
const spans: Span[] = [];

/** The built manager, a whole rollout, a scrape, and what its collector got. */
beforeAll(async () => {
  collector = await startCollector();
  const { port } = collector.address() as AddressInfo;
  cluster = await startManagedCluster();
  const traces = ["--traces-endpoint", `http://127.0.0.1:${port}/v1/traces`];
  const manager = await cluster.startManager("--lease-duration", "15", ...traces);
  await cluster.cluster.create(SIDECAR_SETS, aSet());
  await until(({ status }) => status?.conditions?.some(isRegistered) === true);
  await cluster.cluster.create(DEPLOYMENTS, aDeployment());
  await until(({ status }) => status?.readyPods === PODS);
  const from = Date.now();
  const spec = { containers: [{ name: "logtail", image: "logtail:2" }] };
  await cluster.cluster.patch(SIDECAR_SETS, { name: "logging" }, { type: "merge", patch: { spec } });
  await until(({ status }) => status?.history?.length === 2 && status.history[0]!.result === "Promoted");
  rollout = { from, until: Date.now() };
  await manager.said("the API server reaches the webhook");
  scraped = new Scrape(await (await fetch(`http://127.0.0.1:${manager.healthPort}/metrics`)).text());
  manager.process.kill("SIGTERM");
  await manager.ended;
}, 120_000);
afterAll(async () => {
  await cluster.close();
  collector.close();
});

describe("a scrape of a manager after a rollout", () => {
  it("has every metric of the reference, and no other", () => {
    const rows = [...text("docs/reference/metrics.md").matchAll(/^\| `([a-z_]+\*?)` \|/gm)].map(([, name]) => name!);
    const documented = rows.filter((name) =>
      /^(sidecarset|kruise|workqueue|controller|rest|process|nodejs)_/.test(name),
    );
    const covers = (name: string, metric: string): boolean =>
      name.endsWith("*") ? metric.startsWith(name.slice(0, -1)) : metric === name;
    const metrics = [...scraped.kinds.keys()];
    expect(documented.length).toBeGreaterThan(40);
    expect(metrics.filter((metric) => !documented.some((name) => covers(name, metric)))).toEqual([]);
    expect(documented.filter((name) => !metrics.some((metric) => covers(name, metric)))).toEqual([]);
  });

  it("has every metric that the alerts and the board read", () => {
    const board = JSON.parse(text("deploy/monitoring/board.json")) as { readonly panels: readonly Panel[] };
    const shown = board.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const { groups } = parse(text("deploy/monitoring/alerts.yaml")) as Rules;
    const watched = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
    const read = new Set([...shown, ...watched].flatMap(metricsIn));
    const there = new Set(scraped.samples.map(({ name }) => name));
    const families = new Set(scraped.kinds.keys());
    expect(read.size).toBeGreaterThan(25);
    expect([...read].filter((name) => !there.has(name) && !families.has(name))).toEqual([]);
    // Nothing failed, nobody waits, and no rollout is under way: these have no samples at the moment.
    expect([...read].filter((name) => !there.has(name)).sort()).toEqual([
      "sidecarset_namespace_reads_total",
      "sidecarset_pods_uncovered",
      "sidecarset_pods_waiting",
      "sidecarset_rollout_running_seconds",
      "workqueue_retries_total",
    ]);
  });

  it("tells of this rollout", () => {
    expect(scraped.value("sidecarset_leader")).toBe(1);
    expect(scraped.value("sidecarset_webhook_selftest_up")).toBe(1);
    expect(scraped.value("sidecarset_pods", { sidecarset: "logging", state: "updated_ready" })).toBe(PODS);
    expect(scraped.value("sidecarset_pod_update_seconds_count")).toBe(PODS);
    expect(scraped.value("sidecarset_rollout_duration_seconds_count", { result: "Promoted" })).toBe(1);
    expect(scraped.value("sidecarset_injections_total", { result: "injected", reason: "" })).toBe(PODS);
    expect(
      scraped.all("rest_client_requests_total", { method: "PATCH", code: "200" })[0]!.value,
    ).toBeGreaterThanOrEqual(PODS);
    expect(scraped.value("process_resident_memory_bytes")).toBeGreaterThan(0);
    expect(scraped.samples.filter(({ labels }) => "pod" in labels)).toEqual([]);
  });
});

describe("the trace of a rollout", () => {
  it("has the rollout above its waves, and each pod in its wave", () => {
    const [root, ...others] = spans.filter(({ parentSpanId }) => !parentSpanId);
    expect(others).toEqual([]);
    expect(root!.name).toMatch(/^rollout logging to logging-/);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([root!.traceId]));
    const waves = spans.filter(({ name }) => name.startsWith("wave "));
    expect(waves.map(({ name }) => name).sort()).toEqual(["wave 1", "wave 2"]);
    for (const wave of waves) expect(wave.parentSpanId).toBe(root!.spanId);
    const pods = spans.filter(({ name }) => name.startsWith("pod default/web-"));
    expect(new Set(pods.map(({ name }) => name)).size).toBe(PODS);
    for (const { spanId } of waves) expect(pods.filter((pod) => pod.parentSpanId === spanId)).toHaveLength(2);
    expect(spans).toHaveLength(1 + waves.length + pods.length);
  });

  it("lies within the time of the rollout, each span within the one above", () => {
    for (const span of spans) {
      expect(startOf(span)).toBeGreaterThanOrEqual(rollout.from);
      expect(endOf(span)).toBeLessThanOrEqual(rollout.until);
      expect(endOf(span)).toBeGreaterThanOrEqual(startOf(span));
      const above = spans.find(({ spanId }) => spanId === span.parentSpanId);
      if (!above) continue;
      expect(startOf(span)).toBeGreaterThanOrEqual(startOf(above));
      expect(endOf(span)).toBeLessThanOrEqual(endOf(above));
    }
  });
});

describe("OpenTelemetry's SDK", () => {
  it("is in no chunk that the manager loads without an endpoint", () => {
    expect(chunkWith("OTLPTraceExporter").length).toBeGreaterThan(0);
    const loaded = loadedBy("run");
    expect(loaded.length).toBeGreaterThan(5);
    expect(loaded.filter((file) => chunkWith("OTLPTraceExporter").includes(file))).toEqual([]);
  });
});

interface Panel {
  readonly targets?: readonly { readonly expr: string }[];
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly expr: string }[] }[];
}

function metricsIn(expression: string): string[] {
  return expression.match(/\b(?:sidecarset|kruise|workqueue|controller_runtime|rest_client|process|nodejs)_\w+/g) ?? [];
}

function startOf(span: Span): number {
  return Number(BigInt(span.startTimeUnixNano) / 1_000_000n);
}

function endOf(span: Span): number {
  return Number(BigInt(span.endTimeUnixNano) / 1_000_000n);
}

function isRegistered({ type, status }: { readonly type: string; readonly status: string }): boolean {
  return type === "Registered" && status === "True";
}

/** Takes what OTLP over HTTP brings, as JSON. */
async function startCollector(): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as {
        readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
      };
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

async function until(condition: (set: StoredSet) => boolean): Promise<void> {
  const deadline = Date.now() + 100_000;
  for (;;) {
    const set = await cluster.cluster.get<StoredSet>(SIDECAR_SETS, { name: "logging" });
    if (condition(set)) return;
    if (Date.now() > deadline) throw new Error(`did not come true: ${JSON.stringify(set.status)}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

function aSet(): KubeObject {
  const spec = {
    selector: { matchLabels: { app: "web" } },
    containers: [{ name: "logtail", image: "logtail:1" }],
    updateStrategy: { maxUnavailable: 2 },
  };
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: "logging" },
    spec,
  } as KubeObject;
}

function aDeployment(): KubeObject {
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "app", image: "app:1" }] } };
  const spec = { replicas: PODS, selector: { matchLabels: labels }, template };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec,
  } as KubeObject;
}
