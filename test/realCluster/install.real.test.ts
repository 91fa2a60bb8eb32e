import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { MANIFESTS, objectsOf } from "../../generate/install/installation.ts";
import { REMOVAL } from "../../generate/install/rights.ts";
import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PODS,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../src/cluster/resource.ts";
import type { JsonObject, KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { eventually, type Loose, objectBecomes } from "../contract/fixtures.ts";
import { ensureHelm } from "../helm/helm.ts";
import { runProgram } from "../program/runProgram.ts";
import { ensureBinaries } from "./binaries.ts";
import { type ControlPlane, startControlPlane } from "./controlPlane.ts";
import { Managers } from "./managers.ts";
import { kubeconfigOf, kubectl } from "./serviceAccounts.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const CHART = join(ROOT, "deploy/chart");
const SYSTEM = "kruise-system";
const RELEASE = "sidecarset";
const PROOF = "sidecarset.kruise.io/self-test-proof";
const PATIENCE_MS = 240_000;
const PROMETHEUS = ["monitoring.coreos.com/v1/ServiceMonitor", "monitoring.coreos.com/v1/PrometheusRule"];

const folder = mkdtempSync(join(tmpdir(), "install-"));
let helmProgram: string;
let controlPlane: ControlPlane;
let cluster: KubeApi;

beforeAll(async () => {
  helmProgram = await ensureHelm();
  controlPlane = await startControlPlane(await ensureBinaries());
  cluster = await connect({ kubeconfig: controlPlane.kubeconfig, variables: {} });
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: SYSTEM, labels } });
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: "web" } });
}, PATIENCE_MS);

afterAll(async () => {
  await cluster?.close();
  await controlPlane?.stop();
  rmSync(folder, { recursive: true, force: true });
}, PATIENCE_MS);

describe("the chart", { timeout: PATIENCE_MS }, () => {
  it("passes helm's own checks", async () => {
    expect(await helm(["lint", "--strict", CHART])).toContain("0 chart(s) failed");
  });

  it.each([
    { how: "as it comes", values: {}, apis: [] },
    { how: "beside the Prometheus operator", values: {}, apis: PROMETHEUS },
    { how: "with everything", values: everything(), apis: [] },
    { how: "with as little as possible", values: nothing(), apis: PROMETHEUS },
    { how: "with cert-manager", values: certManager(), apis: [] },
  ])("renders what its source does, $how", async ({ values, apis }) => {
    const more = apis.flatMap((api) => ["--api-versions", api]);
    const rendered = await helm(["template", RELEASE, CHART, "-n", "any", ...(await valuesFlags(values)), ...more]);
    const expected = objectsOf(Object.keys(MANIFESTS), { namespace: "any", values, apis });
    expect(byName(documents(rendered))).toEqual(byName(expected));
  });

  it.each([
    ["replicas=two", "at '/replicas': got string, want integer"],
    ["webhook.defaultFailurePolicy=Open", "at '/webhook/defaultFailurePolicy': value must be one of 'Fail', 'Ignore'"],
    ["webook.port=1", "additional properties 'webook' not allowed"],
    ["image.repository=a b", "at '/image/repository': 'a b' does not match pattern"],
    ["webhook.excludedNamespaces={Bad_Name}", "at '/webhook/excludedNamespaces/0': 'Bad_Name' does not match pattern"],
  ])("refuses %s and says where and why", async (setting, why) => {
    const refused = await helm(["template", RELEASE, CHART, "--set", setting]).then(String, String);
    expect(refused).toContain(why);
  });
});

describe("a release of the chart", { timeout: PATIENCE_MS }, () => {
  const managers = new Managers(SYSTEM);

  it("is installed, and its pods pass the strictest pod security", async () => {
    const told = await helm([
      "install",
      RELEASE,
      CHART,
      "-n",
      SYSTEM,
      "--set",
      "image.repository=registry.local/sidecarset",
    ]);
    expect(told).toContain(`kubectl rollout status deployment/sidecarset-manager -n ${SYSTEM}`);
    await podsOfManager(2);
    const [pod] = await managerPods();
    expect(pod!.spec.containers[0]!.image).toMatch(/^registry\.local\/sidecarset:\d+\.\d+\.\d+$/);
    const account = { namespace: SYSTEM, name: "sidecarset-manager" };
    await managers.start(await kubeconfigOf(controlPlane, account, folder));
    await cluster.create(SIDECAR_SETS, aSet());
    await until(async () => (await containersOf()).join() === "logtail,app");
  });

  it("is upgraded without undoing what people have put into the stop switches", async () => {
    const switches = { namespace: SYSTEM, name: "sidecarset-switches" };
    const data = { updates: "stopped", reason: "freeze" };
    await cluster.patch(CONFIG_MAPS, switches, { type: "merge", patch: { data } });
    await helm(["upgrade", RELEASE, CHART, "-n", SYSTEM, "--reuse-values", "--set", "replicas=3"]);
    await podsOfManager(3);
    expect((await cluster.get<Loose>(CONFIG_MAPS, switches)).data).toEqual(data);
    expect(await containersOf()).toEqual(["logtail", "app"]);
  });

  it("is tested by a pod that runs the webhook's proof, and fails without one", async () => {
    const [pod] = objectsOf(["hooks.yaml"], { namespace: SYSTEM }).filter(({ kind }) => kind === "Pod");
    const { metadata, spec } = await eventually(async () => {
      const created = await cluster.create<Pod>(PODS, pod as unknown as Pod, { dryRun: true });
      expect(created.metadata.annotations).toHaveProperty([PROOF]);
      return created;
    });
    const { args, env } = spec.containers[0] as unknown as { readonly args: readonly string[]; readonly env: unknown };
    expect({ args, env: JSON.stringify(env) }).toEqual({ args: ["$(PROOF)"], env: expect.stringContaining(PROOF) });
    expect(await runProgram([metadata.annotations![PROOF]!])).toMatchObject({ code: 0 });
    expect((await runProgram([""])).code).not.toBe(0);
  });

  it("is uninstalled: the webhook goes first, no pod is refused at any moment, and SidecarSets stay", async () => {
    const creating = startCreating();
    const [told] = await Promise.all([helm(["uninstall", RELEASE, "-n", SYSTEM, "--timeout", "2m"]), playRemoval()]);
    expect(told).toContain("uninstalled");
    // A manager that is slow to end has no rights any more to bring the webhook back.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(managers.running).toHaveLength(1);
    for (const type of [MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS]) expect((await cluster.list(type)).items).toEqual([]);
    await managers.close();
    const { created, refused } = await creating.end();
    console.log(`${created} pods asked for during the uninstall, ${refused.length} refused`);
    expect(created).toBeGreaterThan(20);
    expect(refused).toEqual([]);
    expect(await containersOf()).toEqual(["app"]);
    const definitions = (await cluster.list(CUSTOM_RESOURCE_DEFINITIONS)).items.map(({ metadata }) => metadata.name);
    expect(definitions).toContain("sidecarsets.apps.kruise.io");
    expect((await cluster.list(SIDECAR_SETS)).items).toHaveLength(1);
    const left = await kubectl(controlPlane, [
      ...["get", "deployments,services,configmaps,roles,rolebindings,serviceaccounts,jobs,pdb,networkpolicies"],
      ...["-n", SYSTEM, "-o", "name", "-l", "app.kubernetes.io/name=sidecarset"],
    ]);
    expect(left).toBe("");
    await cluster.delete(SIDECAR_SETS, { name: "logging" });
  });
});

describe("without Helm", { timeout: PATIENCE_MS }, () => {
  it.each([
    ["one file", ["-f", "deploy/install.yaml"]],
    ["kustomize", ["-k", "deploy/kustomize"]],
  ])("%s is applied server-side, and again without a change", async (_how, [flag, path]) => {
    const apply = () =>
      kubectl(controlPlane, ["apply", "--server-side", "--force-conflicts", flag!, join(ROOT, path!), "-o", "json"]);
    await apply();
    const before = await versions();
    await apply();
    expect(await versions()).toEqual(before);
    const { spec } = await cluster.get<Loose>(DEPLOYMENTS, { namespace: SYSTEM, name: "sidecarset-manager" });
    expect(spec.template.spec.containers[0].args).toContain("--system-namespace=$(POD_NAMESPACE)");
  });

  it("kustomize builds what the one file holds", async () => {
    const built = await kubectl(controlPlane, ["kustomize", join(ROOT, "deploy/kustomize")]);
    const file = readFileSync(join(ROOT, "deploy/install.yaml"), "utf8");
    expect(byName(documents(built))).toEqual(byName(documents(file)));
  });
});

/** What the kubelet would do: the Job's pod runs its container as its account, and ends well. */
async function playRemoval(): Promise<void> {
  let pod: Pod | undefined;
  await until(async () => {
    const labelSelector = "app.kubernetes.io/component=removal";
    pod = (await cluster.list<Pod>(PODS, { namespace: SYSTEM, labelSelector })).items[0];
    return pod !== undefined;
  });
  const kubeconfig = await kubeconfigOf(controlPlane, { namespace: SYSTEM, name: REMOVAL }, folder);
  const { args } = pod!.spec.containers[0] as unknown as { readonly args: readonly string[] };
  const given = args.map((arg) => arg.replace("$(POD_NAMESPACE)", SYSTEM));
  expect(await runProgram([...given, "--kubeconfig", kubeconfig])).toMatchObject({ code: 0 });
  const status = { phase: "Succeeded" };
  const name = { namespace: SYSTEM, name: pod!.metadata.name! };
  await cluster.patch(PODS, name, { type: "merge", patch: { status } }, { subresource: "status" });
}

interface Creating {
  end(): Promise<{ readonly created: number; readonly refused: readonly string[] }>;
}

/** Somebody who creates selected pods all the time, one after the other. */
function startCreating(): Creating {
  const refused: string[] = [];
  let created = 0;
  let ended = false;
  const running = (async () => {
    while (!ended) {
      await containersOf().then(
        () => created++,
        (error: Error) => refused.push(error.message),
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    async end() {
      ended = true;
      await running;
      return { created, refused };
    },
  };
}

/** Of a pod that the SidecarSet selects, as it would be stored. */
async function containersOf(): Promise<readonly string[]> {
  const metadata = { generateName: "web-", namespace: "web", labels: { app: "web" } };
  const spec = { automountServiceAccountToken: false, containers: [{ name: "app", image: "app:1" }] };
  const pod = { apiVersion: "v1", kind: "Pod", metadata, spec } as Pod;
  return (await cluster.create<Pod>(PODS, pod, { dryRun: true })).spec.containers.map(({ name }) => name);
}

function aSet(): KubeObject {
  const spec = { selector: { matchLabels: { app: "web" } }, containers: [{ name: "logtail", image: "logtail:1" }] };
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: "logging" },
    spec,
  } as KubeObject;
}

async function managerPods(): Promise<readonly Pod[]> {
  const labelSelector = "app.kubernetes.io/name=sidecarset,app.kubernetes.io/component=manager";
  return (await cluster.list<Pod>(PODS, { namespace: SYSTEM, labelSelector })).items;
}

async function podsOfManager(count: number): Promise<void> {
  const name = { namespace: SYSTEM, name: "sidecarset-manager" };
  await objectBecomes(cluster, DEPLOYMENTS, name, (object) => object?.status?.replicas === count);
  await until(async () => (await managerPods()).length === count);
}

async function versions(): Promise<string> {
  const kinds = "deployments,services,configmaps,roles,rolebindings,serviceaccounts,pdb,networkpolicies,clusterroles";
  const form = 'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.generation} {.metadata.uid}{"\\n"}{end}';
  return kubectl(controlPlane, ["get", kinds, "-n", SYSTEM, "-l", "app.kubernetes.io/name=sidecarset", "-o", form]);
}

async function helm(args: readonly string[]): Promise<string> {
  const homes = Object.fromEntries(
    ["CACHE", "CONFIG", "DATA"].map((name) => [`HELM_${name}_HOME`, join(folder, name)]),
  );
  const env = { ...process.env, ...homes, KUBECONFIG: controlPlane.kubeconfig };
  const { stdout } = await promisify(execFile)(helmProgram, args, { env, maxBuffer: 64 * 2 ** 20 });
  return stdout;
}

async function valuesFlags(values: JsonObject): Promise<readonly string[]> {
  const path = join(folder, "values.json");
  writeFileSync(path, JSON.stringify(values));
  return ["-f", path];
}

function documents(text: string): readonly JsonObject[] {
  const objects = parseAllDocuments(text).map((document) => document.toJS() as JsonObject | null);
  return objects.filter((object) => object !== null);
}

function byName(objects: readonly JsonObject[]): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    objects.map((object) => {
      const { kind, metadata } = object as unknown as KubeObject;
      return [`${kind} ${metadata.namespace ?? ""}/${metadata.name}`, object];
    }),
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS / 2;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) throw new Error("did not come true");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function everything(): JsonObject {
  return {
    replicas: 3,
    image: {
      repository: "registry.local:5000/sidecarset",
      tag: "1.2.3",
      digest: `sha256:${"0".repeat(64)}`,
      pullPolicy: "Always",
    },
    imagePullSecrets: [{ name: "pull" }],
    crds: { keep: false },
    webhook: {
      port: 8443,
      defaultFailurePolicy: "Ignore",
      excludedNamespaces: ["kube-system", "build"],
      certificate: { mode: "provided", secretName: "tls" },
      hostNetwork: true,
    },
    leaseDuration: 30,
    shutdownDelay: 60,
    log: { level: "debug", format: "text" },
    traces: { endpoint: "http://collector:4318/v1/traces" },
    serviceAccount: { name: "managers", annotations: { "iam/role": 'a: "b" {{ c }}' } },
    metrics: {
      serviceMonitor: { enabled: true, interval: "10s", labels: { release: "prometheus" } },
      prometheusRule: { enabled: true, labels: { release: "prometheus" } },
      grafanaDashboard: { enabled: true },
    },
    networkPolicy: { metricsNamespaces: [], extraEgress: [{ ports: [{ port: 4318 }] }] },
    podDisruptionBudget: { maxUnavailable: 2 },
    flowControl: { shares: 5 },
    priorityClassName: "",
    resources: { requests: { cpu: "1" } },
    nodeSelector: { disk: "ssd" },
    tolerations: [{ operator: "Exists" }],
    affinity: { nodeAffinity: {} },
    topologySpreadConstraints: [{ maxSkew: 2, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }],
    podLabels: { team: "platform", number: "1" },
    podAnnotations: { note: "yes" },
    extraArgs: ["--context=other"],
    extraEnv: [{ name: "HTTPS_PROXY", value: "http://proxy:3128" }],
    extraObjects: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "extra" }, data: { text: "{{ kept }}" } }],
  };
}

function nothing(): JsonObject {
  const off = { enabled: false };
  return {
    crds: { install: false },
    serviceAccount: { create: false },
    rbac: { create: false, aggregate: false },
    metrics: { serviceMonitor: off, prometheusRule: off },
    networkPolicy: off,
    podDisruptionBudget: off,
    flowControl: off,
    uninstall: { unregister: false },
  };
}

function certManager(): JsonObject {
  return { webhook: { certificate: { mode: "certManager", issuerRef: { name: "ca", kind: "ClusterIssuer" } } } };
}
