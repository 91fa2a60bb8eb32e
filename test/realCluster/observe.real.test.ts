import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  DEPLOYMENTS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PODS,
  type ResourceType,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../src/cluster/resource.ts";
import type { JsonObject, KubeObject } from "../../src/core/kube/object.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../../src/core/sidecarSet/annotations.ts";
import { sidecarSetHashes } from "../../src/core/sidecarSet/hash.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { aDeployment, eventually, type Loose } from "../contract/fixtures.ts";
import { installSidecarSets } from "../contract/sidecarSetsKind.ts";
import { freePorts } from "../freePorts.ts";
import { type RunningManager, startManagerProcess } from "../program/managedCluster.ts";
import { type RunningProgram, startProgram } from "../program/runProgram.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";
import { playNodes } from "./playedNodes.ts";

const SYSTEM = "observe-system";
const NAMESPACE = "observe";
const SET = "observed-logs";
const READER = "observer";
/** Beyond all measure: the machine may be busy with other things. */
const PATIENCE_MS = 900_000;
const RBAC = "rbac.authorization.k8s.io";
const SERVICE_ACCOUNTS = resource("", "ServiceAccount", "serviceaccounts", true);
const CLUSTER_ROLES = resource(RBAC, "ClusterRole", "clusterroles", false);
const BINDINGS = resource(RBAC, "ClusterRoleBinding", "clusterrolebindings", false);

const undo: (() => unknown)[] = [];
let cluster: KubeApi;
let other: RunningManager;
let observer: RunningProgram;
let healthPort: number;

beforeAll(async () => {
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  undo.push(() => cluster.close());
  await installSidecarSets(cluster);
  for (const name of [SYSTEM, NAMESPACE]) {
    await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    undo.push(() => cluster.delete(NAMESPACES, { name }));
  }
  const nodes = await playNodes(cluster);
  undo.push(() => nodes.stop());
  // Another manager than the one that observes; it decides as OpenKruise does.
  other = await startManagerProcess(realKubeconfig(), ["--system-namespace", SYSTEM]);
  undo.push(() => endOther());
  await cluster.create(SIDECAR_SETS, theSet());
  undo.push(() => cluster.delete(SIDECAR_SETS, { name: SET }).catch(() => undefined));
  await eventually(async () => {
    const { status } = await cluster.get<Loose>(SIDECAR_SETS, { name: SET });
    expect(status.conditions.find(({ type }: { type: string }) => type === "Registered")?.status).toBe("True");
  });
  await cluster.create(DEPLOYMENTS, aDeployment(NAMESPACE, "web", { replicas: 6 }));
  undo.push(() => cluster.delete(DEPLOYMENTS, { namespace: NAMESPACE, name: "web" }));
  await updated(6);
  [healthPort = 0] = await freePorts(1);
  observer = startProgram(["run", "--observe", "--kubeconfig", await readersKubeconfig(), ...observerFlags("json")]);
  undo.push(() => observer.process.kill("SIGKILL"));
  await observer.said("observing beside OpenKruise, nothing is written");
}, PATIENCE_MS);

afterAll(async () => {
  for (const step of undo.reverse()) await step();
}, PATIENCE_MS);

describe("an observer that may only read", () => {
  it(
    "sees another manager inject and roll out, finds no difference and writes nothing",
    async () => {
      await cluster.patch(SIDECAR_SETS, { name: SET }, image("log:2"));
      await updated(6);
      await cluster.patch(
        DEPLOYMENTS,
        { namespace: NAMESPACE, name: "web" },
        { type: "merge", patch: { spec: { replicas: 8 } } },
      );
      await updated(8);
      const metrics = await scraped();
      console.log(metrics.filter((line) => /^(sidecarset_shadow|rest_client_requests)/.test(line)).join("\n"));
      expect(metrics.filter((line) => line.startsWith("sidecarset_shadow_differences{"))).toEqual([]);
      const requests = metrics.filter((line) => line.startsWith("rest_client_requests_total{"));
      expect(requests.length).toBeGreaterThan(0);
      for (const line of requests) expect(line).toMatch(/code="200".*method="GET"/);
    },
    PATIENCE_MS,
  );

  it(
    "tells each kind of difference, in its log, its metric and its report",
    async () => {
      await endOther();
      for (const [type, name] of [
        [MUTATING_WEBHOOKS, "sidecarset-mutating"],
        [VALIDATING_WEBHOOKS, "sidecarset-validating"],
      ] as const)
        await cluster.delete(type, { name });
      await seedDifferences();
      await eventually(async () => {
        const kinds = (await scraped()).flatMap(
          (line) => /^sidecarset_shadow_differences\{kind="(\w+)"/.exec(line)?.[1] ?? [],
        );
        expect(kinds.sort()).toEqual(["env", "hash", "selection", "upgrade"]);
      });
      observer.process.kill("SIGTERM");
      const { code, stdout, stderr } = await observer.ended;
      expect(code).toBe(3);
      const report = JSON.parse(stdout);
      expect(report).toMatchObject({
        kind: "ShadowReport",
        sidecarSets: expect.any(Number),
        upgrades: expect.any(Number),
      });
      const told = report.differences.examples.map(({ kind, about, code: reason }: JsonObject) =>
        `${kind} ${about} ${reason}`.trim(),
      );
      expect(told.sort()).toEqual([
        "env log LEVEL",
        `hash ${HASH_WITHOUT_IMAGE_ANNOTATION}`,
        "selection",
        "upgrade  U03",
      ]);
      const lines = stderr.split("\n").filter((line) => line.includes("we would do otherwise than OpenKruise"));
      console.log(lines.join("\n"));
      expect(lines.length).toBe(4);
    },
    PATIENCE_MS,
  );

  it(
    "has a summary for people",
    async () => {
      const second = startProgram([
        "run",
        "--observe",
        "--kubeconfig",
        await readersKubeconfig(),
        ...observerFlags("text"),
      ]);
      await second.said("observing beside OpenKruise");
      second.process.kill("SIGTERM");
      const { code, stdout } = await second.ended;
      console.log(stdout);
      expect([code, stdout]).toEqual([3, expect.stringContaining("nothing was written")]);
    },
    PATIENCE_MS,
  );
});

/** What a manager that decides otherwise would leave behind. */
async function seedDifferences(): Promise<void> {
  const { items } = await cluster.list<Loose>(PODS, { namespace: NAMESPACE });
  const pod = items.find(({ metadata, status }) => !metadata.deletionTimestamp && status.phase === "Running")!;
  const {
    name: _,
    ownerReferences: __,
    resourceVersion: ___,
    uid: ____,
    generateName: _____,
    ...metadata
  } = pod.metadata;
  const copy = (name: string, spec: JsonObject, own: JsonObject = {}) =>
    cluster.create<Loose>(PODS, {
      ...pod,
      // By no ReplicaSet's selector, or it would be adopted and removed.
      metadata: { ...metadata, name, labels: { app: "web" }, ...own },
      spec: { ...pod.spec, nodeName: undefined, ...spec },
    } as Loose);
  const ofApp = pod.spec.containers.filter(({ name }: { name: string }) => name !== "log");
  const env = (containers: Loose["spec"][]) =>
    containers.map((container) =>
      container.name === "log"
        ? {
            ...container,
            env: container.env.map((each: JsonObject) => (each.name === "LEVEL" ? { ...each, value: "debug" } : each)),
          }
        : container,
    );
  await copy("bare", { containers: ofApp }, { annotations: {} });
  await copy("loud", { containers: env(pod.spec.containers) });
  // A release while the update is paused, and a pod that gets it all the same.
  const paused = { updateStrategy: { paused: true }, containers: [{ ...LOG, image: "log:3" }] };
  const next = parseSidecarSet({ ...theSet(), spec: { ...theSet().spec, ...paused } });
  if (!next.ok) throw new Error("it can be read");
  const { hash, hashWithoutImage } = sidecarSetHashes(next.value);
  const hashes = { [HASH_ANNOTATION]: hash, [HASH_WITHOUT_IMAGE_ANNOTATION]: hashWithoutImage };
  await cluster.patch(
    SIDECAR_SETS,
    { name: SET },
    { type: "merge", patch: { metadata: { annotations: hashes }, spec: paused } },
  );
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const records = JSON.parse(pod.metadata.annotations?.[HASH_ANNOTATION] ?? "{}");
  const upgraded = { ...records, [SET]: { ...records[SET], hash } };
  const containers = [{ name: "log", image: "log:3" }];
  const patch = { metadata: { annotations: { [HASH_ANNOTATION]: JSON.stringify(upgraded) } }, spec: { containers } };
  await cluster.patch(PODS, { namespace: NAMESPACE, name: pod.metadata.name ?? "" }, { type: "strategic", patch });
  const wrong = { metadata: { annotations: { [HASH_WITHOUT_IMAGE_ANNOTATION]: "another" } } };
  await cluster.patch(SIDECAR_SETS, { name: SET }, { type: "merge", patch: wrong });
}

const LOG = { name: "log", image: "log:1", env: [{ name: "LEVEL", value: "info" }] };

function theSet(): Loose {
  const spec = {
    selector: { matchLabels: { app: "web" } },
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": NAMESPACE } },
    containers: [LOG],
    updateStrategy: { maxUnavailable: 2 },
  };
  return { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", metadata: { name: SET }, spec };
}

function image(text: string) {
  return { type: "json", operations: [{ op: "replace", path: "/spec/containers/0/image", value: text }] } as const;
}

async function updated(pods: number): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS / 3; ; ) {
    const { metadata, status = {} } = await cluster.get<Loose>(SIDECAR_SETS, { name: SET });
    const isObserved = status.observedGeneration === metadata.generation;
    if (isObserved && status.matchedPods === pods && status.updatedReadyPods === pods) return;
    if (Date.now() > end) throw new Error(`not ${pods} pods updated and ready: ${JSON.stringify(status)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function endOther(): Promise<void> {
  other.process.kill("SIGTERM");
  await other.ended;
}

async function scraped(): Promise<readonly string[]> {
  return (await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text()).split("\n");
}

function observerFlags(format: "json" | "text"): readonly string[] {
  return [
    "--system-namespace",
    SYSTEM,
    "--listen",
    "127.0.0.1",
    "--health-port",
    String(healthPort),
    "--log-format",
    format,
  ];
}

/** Of an account that may get, list and watch what is observed, and nothing else. */
async function readersKubeconfig(): Promise<string> {
  const account = { namespace: SYSTEM, name: READER };
  const verbs = ["get", "list", "watch"];
  const rules = [
    { apiGroups: [""], resources: ["pods", "namespaces"], verbs },
    { apiGroups: ["apps"], resources: ["controllerrevisions"], verbs },
    { apiGroups: ["apps.kruise.io"], resources: ["sidecarsets"], verbs },
    { apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"], verbs: ["get"] },
  ];
  const roleRef = { apiGroup: RBAC, kind: "ClusterRole", name: READER };
  await made(SERVICE_ACCOUNTS, { apiVersion: "v1", kind: "ServiceAccount", metadata: account });
  await made(CLUSTER_ROLES, {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRole",
    metadata: { name: READER },
    rules,
  } as Loose);
  const subjects = [{ kind: "ServiceAccount", ...account }];
  await made(BINDINGS, {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: READER },
    roleRef,
    subjects,
  } as Loose);
  const request = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    metadata: {},
    spec: { expirationSeconds: 3600 },
  };
  const { status } = await cluster.create<Loose>(SERVICE_ACCOUNTS, request, { ...account, subresource: "token" });
  const config = JSON.parse(readFileSync(realKubeconfig(), "utf8"));
  const path = join(mkdtempSync(join(tmpdir(), "observer-")), "kubeconfig");
  writeFileSync(path, JSON.stringify({ ...config, users: [{ name: "user", user: { token: status.token } }] }), {
    mode: 0o600,
  });
  return path;
}

async function made(type: ResourceType, object: KubeObject): Promise<void> {
  await cluster.create(type, object).then(
    () =>
      undo.push(() =>
        cluster.delete(type, { namespace: object.metadata.namespace, name: object.metadata.name ?? "" } as {
          name: string;
        }),
      ),
    () => undefined,
  );
}

function resource(group: string, kind: string, plural: string, namespaced: boolean): ResourceType {
  return { group, version: "v1", kind, plural, namespaced };
}
