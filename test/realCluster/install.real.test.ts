import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { objectsOf } from "../../generate/install/installation.ts";
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
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { eventually, type Loose, objectBecomes } from "../contract/fixtures.ts";
import { type Helm, startHelm } from "../helm/helm.ts";
import { runProgram } from "../program/runProgram.ts";
import { ensureBinaries } from "./binaries.ts";
import { type ControlPlane, startControlPlane } from "./controlPlane.ts";
import { Managers } from "./managers.ts";
import { byName, documents } from "./manifestObjects.ts";
import { kubeconfigOf, kubectl } from "./serviceAccounts.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const CHART = join(ROOT, "deploy/chart");
const SYSTEM = "kruise-system";
const RELEASE = "sidecarset";
const IMAGE = "image.repository=registry.local/sidecarset";
const PROOF = "sidecarset.kruise.io/self-test-proof";
const PATIENCE_MS = 240_000;

const folder = mkdtempSync(join(tmpdir(), "install-"));
let helm: Helm;
let controlPlane: ControlPlane;
let cluster: KubeApi;

beforeAll(async () => {
  controlPlane = await startControlPlane(await ensureBinaries());
  helm = await startHelm(folder, controlPlane.kubeconfig);
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

describe("a release of the chart", { timeout: PATIENCE_MS }, () => {
  const managers = new Managers(SYSTEM);

  it("is installed, and its pods pass the strictest pod security", async () => {
    const told = await helm("install", RELEASE, CHART, "-n", SYSTEM, "--set", IMAGE);
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
    await helm("upgrade", RELEASE, CHART, "-n", SYSTEM, "--reuse-values", "--set", "replicas=3");
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
    const [told] = await Promise.all([helm("uninstall", RELEASE, "-n", SYSTEM, "--timeout", "2m"), playRemoval()]);
    expect(told).toContain("uninstalled");
    // A manager that is slow to end has no rights any more to bring the webhook back.
    const [slow] = managers.running;
    const GIVES_UP = /^(the registration cannot be written|the lease is lost)$/;
    await until(async () => slow!.log().some(({ message }) => GIVES_UP.test(message)));
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

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS / 2;
  while (!(await condition().catch(() => false))) {
    if (Date.now() > deadline) throw new Error("did not come true");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
