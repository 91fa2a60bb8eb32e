import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { objectsOf } from "../../generate/install/installation.ts";
import { MANAGER_GRANTS, REMOVAL_GRANTS } from "../../generate/install/rights.ts";
import {
  CONFIG_MAPS,
  CONTROLLER_REVISIONS,
  LEASES,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PODS,
  SECRETS,
  SIDECAR_SETS,
} from "../../src/cluster/resource.ts";
import type { ControllerRevision, JsonObject, KubeObject } from "../../src/core/kube/object.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { eventually, refusal } from "../contract/fixtures.ts";
import { freePorts } from "../freePorts.ts";
import { startManagerProcess } from "../program/managedCluster.ts";
import { runProgram } from "../program/runProgram.ts";
import type { StoredSet } from "../stories/storyCluster.ts";
import { AuditLog } from "./auditLog.ts";
import { ensureBinaries } from "./binaries.ts";
import { type ControlPlane, startControlPlane } from "./controlPlane.ts";
import { hangingWrites } from "./hangingWrites.ts";
import { Managers } from "./managers.ts";
import { ObservedRollout } from "./observedRollout.ts";
import { kubeconfigOf, kubectl } from "./serviceAccounts.ts";
import { unusedRights, withoutRight } from "./usedRights.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** The rollout is named so that its system namespace is the one of deploy/install.yaml. */
const NAME = "kruise";
const SYSTEM = "kruise-system";
const MANAGER = { namespace: SYSTEM, name: "sidecarset-manager" };
const REMOVAL = { namespace: SYSTEM, name: "sidecarset-removal" };
const OPERATOR = { namespace: SYSTEM, name: "operator" };
const PODS_IN_ALL = 24;
const [V1, V2, V3, V4] = ["logtail:1", "logtail:2", "logtail:3", "logtail:4"] as const;
const PATIENCE_MS = 240_000;

const folder = mkdtempSync(join(tmpdir(), "rights-"));
const audit = new AuditLog(folder);
/** Times in which requests are refused: attempts of the test, and an API server that has not read its roles yet. */
const refusing: { readonly from: number; readonly until: number }[] = [];
let controlPlane: ControlPlane;
let rollout: ObservedRollout;
let cluster: KubeApi;
let managers: Managers;
let asManager: string;

beforeAll(async () => {
  // As on OpenShift: who makes an object that blocks the deletion of its owner must have rights on the owner's finalizers.
  const apiServerFlags = [...audit.flags, "--enable-admission-plugins=OwnerReferencesPermissionEnforcement"];
  const site = { address: "127.0.0.1", realNodes: false, apiServerFlags };
  controlPlane = await startControlPlane(await ensureBinaries(), site);
  const { kubeconfig } = controlPlane;
  const updateStrategy = { maxUnavailable: 6 };
  rollout = await ObservedRollout.prepare({ name: NAME, pods: PODS_IN_ALL, image: V1, updateStrategy, kubeconfig });
  cluster = rollout.cluster;
  await kubectl(controlPlane, ["apply", "--server-side", "--force-conflicts", "-f", join(ROOT, "deploy/install.yaml")]);
  asManager = await kubeconfigOf(controlPlane, MANAGER, folder);
}, PATIENCE_MS);

afterAll(async () => {
  await managers?.close();
  await cluster?.close();
  await controlPlane?.stop();
  rmSync(folder, { recursive: true, force: true });
}, PATIENCE_MS);

describe("the manager with the rights of deploy/install.yaml", { timeout: PATIENCE_MS }, () => {
  it("cannot create a Secret in the namespace default, nor do what it has no use for", async () => {
    const manager = await connect({ kubeconfig: asManager, variables: {} });
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "stolen", namespace: "default" } };
    const patch = { type: "merge", patch: { spec: {} } } as const;
    const webhooks = { apiVersion: "admissionregistration.k8s.io/v1", kind: "MutatingWebhookConfiguration" };
    const attempts = [
      () => manager.create(SECRETS, secret as KubeObject),
      () => manager.list(SECRETS),
      () => manager.get(SECRETS, { namespace: SYSTEM, name: "other" }),
      () => manager.list(CONFIG_MAPS, { namespace: SYSTEM }),
      () => manager.patch(SIDECAR_SETS, { name: NAME }, patch),
      () => manager.delete(PODS, { namespace: "default", name: "any" }),
      () => manager.create(PODS, { apiVersion: "v1", kind: "Pod", metadata: { name: "any", namespace: "default" } }),
      () => manager.delete(MUTATING_WEBHOOKS, { name: "other" }),
      () => manager.update(MUTATING_WEBHOOKS, { ...webhooks, metadata: { name: "other" } }),
    ];
    const from = Date.now();
    for (const attempt of attempts) expect(await refusal(attempt())).toMatchObject({ kind: "forbidden" });
    refusing.push({ from, until: Date.now() });
    await manager.close();
  });

  it("injects, upgrades, keeps its history and tells of it", async () => {
    managers = new Managers(SYSTEM);
    await managers.start(asManager);
    await managers.start(asManager);
    await rollout.begin();
    await edit({ revisionHistoryLimit: 2 });
    for (const image of [V2, V3, V4]) {
      await rollout.setImage(image);
      await rollout.updated(image, PODS_IN_ALL);
    }
    // Of the two that are kept one is used again.
    await rollout.setImage(V3);
    await rollout.updated(V3, PODS_IN_ALL);
    await eventually(async () => expect(await revisionsOf(NAME)).toHaveLength(2));
  });

  it("names a revision by its custom version, and marks pods that cannot be upgraded in place", async () => {
    const labels = { "apps.kruise.io/sidecarset-custom-version": "blue" };
    await cluster.patch(SIDECAR_SETS, { name: NAME }, { type: "merge", patch: { metadata: { labels } } });
    await eventually(async () => {
      const named = (await revisionsOf(NAME)).filter(({ metadata }) =>
        Object.values(metadata.labels!).includes("blue"),
      );
      expect(named).toHaveLength(1);
    });
    await edit({ containers: [{ name: "logtail", image: V3, env: [{ name: "MORE", value: "1" }] }] });
    await rollout.until(async () => {
      const { items } = await cluster.list<Conditioned>(PODS, { namespace: NAME });
      return items.some(({ status }) => status.conditions?.some(({ type }) => type === "SidecarSetUpgradable"));
    });
    await edit({ containers: [{ name: "logtail", image: V3, env: null }] });
  });

  it("reads the white list when a SidecarSet patches pod metadata", async () => {
    const rules = JSON.stringify({ rules: [{ allowedAnnotationKeyExprs: ["^team/"] }] });
    const data = { SidecarSet_PatchPodMetadata_WhiteList: rules };
    const metadata = { name: "kruise-configuration", namespace: SYSTEM };
    await cluster.create(CONFIG_MAPS, { apiVersion: "v1", kind: "ConfigMap", metadata, data } as KubeObject);
    const patchPodMetadata = [{ annotations: { "team/owner": "logs" }, patchPolicy: "Retain" }];
    await cluster.create(SIDECAR_SETS, aSet("annotating", { patchPodMetadata }));
    await eventually(async () => expect(await revisionsOf("annotating")).toHaveLength(1));
  });

  it("compares a revision that has the name it wants to give", async () => {
    const [before] = await revisionsOf("annotating");
    const { spec } = await cluster.get<KubeObject & { spec: JsonObject }>(SIDECAR_SETS, { name: "annotating" });
    await cluster.delete(SIDECAR_SETS, { name: "annotating" });
    await eventually(async () => expect(await revisionsOf("annotating")).toEqual([]));
    const { name } = before!.metadata;
    const taken = {
      apiVersion: "apps/v1",
      kind: "ControllerRevision",
      metadata: { name, namespace: SYSTEM },
      revision: 1,
    };
    await cluster.create(CONTROLLER_REVISIONS, { ...taken, data: { other: true } } as unknown as KubeObject);
    await eventually(() => cluster.create(SIDECAR_SETS, aSet("annotating", spec)));
    await eventually(async () => {
      const [after] = await revisionsOf("annotating");
      expect(after?.metadata.name).not.toBe(name);
      expect(after).toBeDefined();
    });
  });

  it("takes the registration away at the stop switch, and brings it back", async () => {
    const switchTo = (registration: string) =>
      cluster.patch(
        CONFIG_MAPS,
        { namespace: SYSTEM, name: "sidecarset-switches" },
        {
          type: "merge",
          patch: { data: { registration } },
        },
      );
    await switchTo("stopped");
    await rollout.until(async () => (await webhooks()).length === 0);
    await switchTo("running");
    await rollout.until(async () => (await webhooks()).length === 1);
  });

  it("asks for pods again whose write was not answered, and lists where the API server does not stream", async () => {
    await managers.close();
    // Who has sent the write still leads when the API server is back.
    managers = new Managers(SYSTEM, 300);
    await managers.start(asManager);
    const hanging = await hangingWrites(cluster, NAME);
    await rollout.setImage(V4);
    await hanging.begun;
    const from = Date.now();
    await controlPlane.killApiServer();
    await hanging.end();
    await controlPlane.startApiServer("--feature-gates=WatchList=false");
    await hasReadRoles();
    refusing.push({ from, until: Date.now() });
    await rollout.updated(V4, PODS_IN_ALL);
    await managers.close();
    managers = new Managers(SYSTEM);
    await managers.start(asManager);
    await rollout.setImage(V3);
    await rollout.updated(V3, PODS_IN_ALL);
  });

  it("renews its certificate when it is called by another name", async () => {
    await managers.close();
    const [port] = await freePorts(1);
    const flags = ["--system-namespace", SYSTEM, "--port", String(port), "--webhook-url", `https://localhost:${port}`];
    const renamed = await startManagerProcess(asManager, flags);
    await rollout.until(async () => {
      const secret = { namespace: SYSTEM, name: "sidecarset-webhook-certificate" };
      const { metadata } = await cluster.get(SECRETS, secret);
      return metadata.resourceVersion !== undefined && renamed.log().some(({ because }) => because === "namesChanged");
    });
    renamed.process.kill("SIGTERM");
    expect((await renamed.ended).code).toBe(0);
  });

  it("needs the right on finalizers where owners are guarded, and says so without it", async () => {
    const role = ["clusterrole", "sidecarset-manager", "-o", "json"];
    const whole = JSON.parse(await kubectl(controlPlane, ["get", ...role])) as { rules: { resources: string[] }[] };
    const rules = whole.rules.filter(({ resources }) => !resources.includes("sidecarsets/finalizers"));
    expect(rules).toHaveLength(whole.rules.length - 1);
    const replace = (object: object) =>
      kubectl(controlPlane, ["replace", "-f", "-"], { input: JSON.stringify(object) });
    await replace({ ...whole, rules, metadata: { name: "sidecarset-manager" } });
    const manager = await managers.start(asManager);
    await eventually(() => cluster.create(SIDECAR_SETS, aSet("guarded")));
    await rollout.until(() => manager.log().some((line) => JSON.stringify(line).includes("blockOwnerDeletion")));
    expect(await revisionsOf("guarded")).toEqual([]);
    await replace({ ...whole, metadata: { name: "sidecarset-manager" } });
    await eventually(async () => expect(await revisionsOf("guarded")).toHaveLength(1));
  });

  it("used each right, and was refused nothing", () => {
    const requests = audit.requestsOf(userOf(MANAGER));
    const refused = requests.filter(({ forbidden }) => forbidden);
    expect(refused.filter(({ at }) => !refusing.some(({ from, until }) => from <= at && at <= until))).toEqual([]);
    const allowed = requests.filter(({ forbidden }) => !forbidden);
    console.log(`${allowed.length} requests of the manager`);
    expect(withoutRight(MANAGER_GRANTS, allowed, SYSTEM)).toEqual([]);
    expect(unusedRights(MANAGER_GRANTS, allowed, SYSTEM)).toEqual([]);
    const created = allowed.filter(({ verb, resource }) => verb === "create" && resource === "pods");
    expect(created.filter(({ uri }) => !uri.includes("dryRun=All"))).toEqual([]);
  });
});

describe("others", { timeout: PATIENCE_MS }, () => {
  it("who steer rollouts pause and undo, but neither make nor remove SidecarSets", async () => {
    const subject = `--serviceaccount=${SYSTEM}:${OPERATOR.name}`;
    const bound = `${OPERATOR.name}-of-the-test`;
    await kubectl(controlPlane, ["create", "serviceaccount", OPERATOR.name, "-n", SYSTEM]);
    await kubectl(controlPlane, ["create", "clusterrolebinding", bound, "--clusterrole=sidecarset-operator", subject]);
    await kubectl(controlPlane, ["create", "rolebinding", bound, "--role=sidecarset-operator", subject, "-n", SYSTEM]);
    const kubeconfig = await kubeconfigOf(controlPlane, OPERATOR, folder);
    for (const [verb, ...flags] of [
      ["pause"],
      ["resume"],
      ["promote", "--full"],
      ["undo", "--system-namespace", SYSTEM],
    ]) {
      const { code, stderr } = await runProgram([verb!, NAME, "--kubeconfig", kubeconfig, ...flags]);
      expect({ verb, code, stderr }).toMatchObject({ verb, code: 0 });
    }
    const operator = await connect({ kubeconfig, variables: {} });
    expect(await refusal(operator.delete(SIDECAR_SETS, { name: NAME }))).toMatchObject({ kind: "forbidden" });
    expect(await refusal(operator.create(SIDECAR_SETS, aSet("more")))).toMatchObject({ kind: "forbidden" });
    await operator.close();
  });

  it("who may view or edit the cluster may do so with SidecarSets", async () => {
    for (const [role, verb] of [
      ["view", "list"],
      ["edit", "patch"],
      ["admin", "delete"],
    ] as const)
      await eventually(async () => {
        const { rules } = JSON.parse(await kubectl(controlPlane, ["get", "clusterrole", role, "-o", "json"])) as {
          readonly rules: readonly { readonly resources?: readonly string[]; readonly verbs: readonly string[] }[];
        };
        const own = rules.filter(({ resources }) => resources?.includes("sidecarsets"));
        expect({ role, verbs: own.flatMap(({ verbs }) => verbs) }).toEqual({
          role,
          verbs: expect.arrayContaining([verb]),
        });
      });
  });

  it("who remove the installation take the registration away, and have no right that they do not need", async () => {
    await managers.close();
    const rights = objectsOf(["hooks.yaml"], { namespace: SYSTEM }).filter(
      ({ kind }) => kind !== "Job" && kind !== "Pod",
    );
    const list = { apiVersion: "v1", kind: "List", items: rights };
    await kubectl(controlPlane, ["apply", "-f", "-"], { input: JSON.stringify(list) });
    const kubeconfig = await kubeconfigOf(controlPlane, REMOVAL, folder);
    const unregister = () => runProgram(["unregister", "--kubeconfig", kubeconfig, "--system-namespace", SYSTEM]);
    expect(await unregister()).toMatchObject({ code: 0, stderr: "" });
    await cluster.delete(CONFIG_MAPS, { namespace: SYSTEM, name: "sidecarset-switches" });
    expect(await unregister()).toMatchObject({ code: 0, stderr: "" });
    expect(await webhooks()).toEqual([]);
    const requests = audit.requestsOf(userOf(REMOVAL));
    expect(requests.filter(({ forbidden }) => forbidden)).toEqual([]);
    expect(withoutRight(REMOVAL_GRANTS, requests, SYSTEM)).toEqual([]);
    expect(unusedRights(REMOVAL_GRANTS, requests, SYSTEM)).toEqual([]);
  });
});

type Conditioned = KubeObject & { readonly status: { readonly conditions?: readonly { readonly type: string }[] } };

function userOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

async function hasReadRoles(): Promise<void> {
  await eventually(async () => {
    const manager = await connect({ kubeconfig: asManager, variables: {} });
    await manager.get(NAMESPACES, { name: SYSTEM });
    await manager.get(LEASES, { namespace: SYSTEM, name: "sidecarset-manager" });
    await manager.close();
  });
}

async function edit(spec: JsonObject): Promise<void> {
  await cluster.patch<StoredSet>(SIDECAR_SETS, { name: NAME }, { type: "merge", patch: { spec } });
}

async function revisionsOf(sidecarSet: string): Promise<readonly ControllerRevision[]> {
  const labelSelector = `kruise.io/sidecarset-name=${sidecarSet}`;
  return (await cluster.list<ControllerRevision>(CONTROLLER_REVISIONS, { namespace: SYSTEM, labelSelector })).items;
}

async function webhooks(): Promise<readonly KubeObject[]> {
  const { items } = await cluster.list(MUTATING_WEBHOOKS);
  return items.filter(({ metadata }) => metadata.name === "sidecarset-mutating");
}

/** It selects no pod. */
function aSet(name: string, spec: JsonObject = {}): KubeObject {
  const containers = [{ name, image: "logtail:1" }];
  const all = { selector: { matchLabels: { selected: "never" } }, containers, ...spec };
  return { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", metadata: { name }, spec: all } as KubeObject;
}
