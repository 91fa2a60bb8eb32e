import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createAuthority, issueLeaf } from "../../src/certificate/authority.ts";
import type { Cluster, Patch } from "../../src/cluster/cluster.ts";
import { systemClock } from "../../src/cluster/environment.ts";
import type { InjectionCopies } from "../../src/cluster/gatherInjection.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import type { LocalCopy } from "../../src/cluster/localCopy.ts";
import { sidecarSetReader } from "../../src/cluster/readSidecarSet.ts";
import {
  CONFIG_MAPS,
  CONTROLLER_REVISIONS,
  CUSTOM_RESOURCE_DEFINITIONS,
  NAMESPACES,
  PODS,
  SIDECAR_SETS,
} from "../../src/cluster/resource.ts";
import { startSwitchCopy } from "../../src/cluster/switchCopy.ts";
import { injectionRules } from "../../src/core/injection/injectionRules.ts";
import type { ControllerRevision, JsonObject, KubeObject, Namespace } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { httpsWebhooks } from "../../src/simulator/admission/httpsWebhookCaller.ts";
import { inProcessWebhooks } from "../../src/simulator/admission/webhookCaller.ts";
import type { ApiRequest } from "../../src/simulator/apiRequest.ts";
import { ApiServer } from "../../src/simulator/apiServer.ts";
import { inMemoryCluster } from "../../src/simulator/inMemoryCluster.ts";
import { type AdmissionHandler, admissionHandlers, reviewInProcess } from "../../src/webhook/admissionHandlers.ts";
import { startWebhookServer } from "../../src/webhook/server.ts";
import { type KeptRegistration, keepRegistered } from "../keptRegistration.ts";

const environment = { clock: systemClock, random: Math.random, log: () => {} };
const systemNamespace = "sidecarset-system";
const rules = injectionRules({ systemNamespace });
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

describe("admission through the API server", () => {
  it.each([aClusterWithWebhook, aClusterWithWebhookInside])(
    "$name: a stored SidecarSet carries its hashes, a pod created after it its sidecar",
    async (aCluster) => {
      const { cluster, registered } = await aCluster();
      const stored = await cluster.create(SIDECAR_SETS, aSidecarSet());
      expect(stored.metadata.annotations?.["kruise.io/sidecarset-hash"]).toMatch(/^[a-z0-9]{64}$/);
      await registered("logging");
      const pod = await cluster.create<Pod>(PODS, aPod("ns-1"));
      expect(pod.spec.containers.map(({ name }) => name)).toEqual(["logtail", "app"]);
      expect(pod.metadata.annotations?.["kruise.io/sidecarset-injected-list"]).toBe("logging");
    },
  );

  it("what was wrong with a SidecarSet reaches the person who wrote it", async () => {
    const { cluster } = await aClusterWithWebhook();
    const broken = aSidecarSet({ updateStrategy: { selector: { matchLabels: ["canary=true"] } } });
    await expect(cluster.create(SIDECAR_SETS, broken)).rejects.toThrow("spec.updateStrategy.selector.matchLabels");
  });

  it.each([aClusterWithWebhook, aClusterWithWebhookInside])(
    "$name: what is legal but hurts reaches the person who wrote it, once, and not with what changes nothing",
    async (aCluster) => {
      const { api } = await aCluster();
      const hurting = aSidecarSet({ updateStrategy: { maxUnavailable: "0%" } });
      expect(await warningsOf(api, { verb: "create", body: hurting })).toEqual([
        expect.stringMatching(/^L01: spec\.updateStrategy\.maxUnavailable: "0%" lets no ready pod be updated/),
      ]);
      const labelled = { metadata: { labels: { team: "a" } } };
      expect(await warningsOf(api, { verb: "patch", name: "logging", patch: mergePatch(labelled) })).toEqual([]);
      const containers = [{ name: "logtail", image: "logtail:1", args: ["-v"] }];
      const mended = { spec: { containers, updateStrategy: null } };
      expect(await warningsOf(api, { verb: "patch", name: "logging", patch: mergePatch(mended) })).toEqual([
        expect.stringMatching(
          /^L02: spec\.containers\[0\]\.args: pods of the version before cannot take this in place/,
        ),
      ]);
    },
  );

  it("pods of the namespaces a cluster needs to come up are left alone", async () => {
    const { cluster, registered } = await aClusterWithWebhook();
    await cluster.create(SIDECAR_SETS, aSidecarSet());
    await registered("logging");
    const pod = await cluster.create<Pod>(PODS, aPod("kube-system"));
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(["app"]);
  });

  it("a pod that opts out gets nothing, unless the SidecarSet denies it", async () => {
    const { cluster, registered } = await aClusterWithWebhook();
    await cluster.create(SIDECAR_SETS, aSidecarSet());
    const guard = { injectionStrategy: { optOut: "Deny" }, containers: [{ name: "guard", image: "guard:1" }] };
    await cluster.create(SIDECAR_SETS, { ...aSidecarSet(guard), metadata: { name: "security" } });
    await Promise.all([registered("logging"), registered("security")]);
    const labels = { app: "web", "sidecarset.kruise.io/inject": "false" };
    const pod = await cluster.create<Pod>(PODS, aPod("ns-1", { metadata: { labels } }));
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(["guard", "app"]);
  });

  it("a SidecarSet that cannot be injected stops the pod, or not, as its failure policy says", async () => {
    const { cluster, registered } = await aClusterWithWebhook();
    const clashing = { containers: [{ name: "app", image: "other:1" }] };
    await cluster.create(SIDECAR_SETS, aSidecarSet(clashing));
    await registered("logging");
    const text =
      "SidecarSet logging cannot be injected (I11): spec.containers[name=app]: the pod already has a container";
    await expect(cluster.create<Pod>(PODS, aPod("ns-1"))).rejects.toThrow(text);

    await cluster.delete(SIDECAR_SETS, { name: "logging" });
    const lenient = { ...clashing, injectionStrategy: { failurePolicy: "Ignore" } };
    await cluster.create(SIDECAR_SETS, { ...aSidecarSet(lenient), metadata: { name: "lenient" } });
    await registered("lenient");
    const pod = await cluster.create<Pod>(PODS, aPod("ns-1"));
    expect(pod.spec.containers).toMatchObject([{ name: "app", image: "app:1" }]);
  });

  it.each([aClusterWithWebhook, aClusterWithWebhookInside])(
    "$name: while injection is stopped a selected pod starts as it is and its creator is told; others pass without a word",
    async (aCluster) => {
      const { api, cluster, copies, registered } = await aCluster();
      await cluster.create(SIDECAR_SETS, aSidecarSet());
      await registered("logging");
      await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: systemNamespace } });
      const metadata = { namespace: systemNamespace, name: "sidecarset-switches" };
      const data = { injection: "stopped", reason: "incident 7" };
      await cluster.create(CONFIG_MAPS, { apiVersion: "v1", kind: "ConfigMap", metadata, data } as KubeObject);
      await shows(copies.switches!, "sidecarset-switches", systemNamespace);
      expect(await createdPod(api, aPod("ns-1"))).toEqual({
        containers: ["app"],
        warnings: [
          "injection is stopped (incident 7) by the ConfigMap sidecarset-switches of the manager's namespace: the pod starts without the sidecars of logging (I13)",
        ],
      });
      const other = { metadata: { labels: { app: "other" } } };
      expect(await createdPod(api, aPod("ns-1", other))).toEqual({ containers: ["app"], warnings: [] });

      await cluster.delete(CONFIG_MAPS, metadata);
      await settles(() => [...copies.switches!.values()].length === 0);
      expect(await createdPod(api, aPod("ns-1"))).toEqual({ containers: ["logtail", "app"], warnings: [] });
    },
  );

  it("labels and lists of pods are written where the white list allows it; a refusal says where that is", async () => {
    const { cluster, registered } = await aClusterWithWebhook();
    const patchPodMetadata = [
      { labels: { "team/tier": "gold" } },
      { annotations: { "team/ports": "9090,443" }, patchPolicy: "AppendUnique" },
    ];
    const place =
      "ConfigMap kruise-configuration in namespace sidecarset-system, key SidecarSet_PatchPodMetadata_WhiteList";
    await expect(cluster.create(SIDECAR_SETS, aSidecarSet({ patchPodMetadata }))).rejects.toThrow(place);

    await allowPodMetadata(cluster, { allowedAnnotationKeyExprs: ["^team/"], allowedLabelKeyExprs: ["^team/"] });
    await cluster.create(SIDECAR_SETS, aSidecarSet({ patchPodMetadata }));
    const owned = { patchPodMetadata: [{ labels: { "pod-template-hash": "1", app: "other" } }] };
    await expect(cluster.create(SIDECAR_SETS, { ...aSidecarSet(owned), metadata: { name: "owned" } })).rejects.toThrow(
      /labels\[pod-template-hash\]: Forbidden: workload controllers.*labels\[app\]: Forbidden: SidecarSets owned, logging select pods by this label/s,
    );

    await registered("logging");
    const annotations = { "team/ports": "80, 443" };
    const pod = await cluster.create<Pod>(PODS, aPod("ns-1", { metadata: { annotations } }));
    expect(pod.metadata.labels).toEqual({ app: "web", "team/tier": "gold" });
    expect(pod.metadata.annotations?.["team/ports"]).toBe("80,443,9090");
  });

  it("a pod has its sidecar otherwise where the SidecarSet lets it, and is told where it does not", async () => {
    const { api, cluster, registered } = await aClusterWithWebhook();
    const podOverrides = ["imageTag", "resources", "env:LEVEL"];
    await cluster.create(
      SIDECAR_SETS,
      aSidecarSet({ containers: [{ name: "logtail", image: "logtail:1", podOverrides }] }),
    );
    await registered("logging");
    const prefix = "sidecarset.kruise.io/override.logtail";
    const annotations = {
      [`${prefix}.imageTag`]: "1.5",
      [`${prefix}.resources`]: '{"limits":{"memory":"64Mi"}}',
      [`${prefix}.env.LEVEL`]: "debug",
      [`${prefix}.env.OTHER`]: "x",
    };
    const { group, version, plural } = PODS;
    const body = aPod("ns-1", { metadata: { annotations } });
    const result = await api.handle({ verb: "create", group, version, plural, namespace: "ns-1", body });
    if (result.type !== "object") throw new Error(result.type);
    expect((result.object as unknown as Pod).spec.containers[0]).toMatchObject({
      image: "logtail:1.5",
      resources: { limits: { memory: "64Mi" } },
      env: [{ name: "LEVEL", value: "debug" }, { name: "IS_INJECTED" }],
    });
    expect(result.warnings).toEqual([
      `SidecarSet logging: annotation ${prefix}.env.OTHER: "x" is ignored: the SidecarSet lets pods override only imageTag, resources, env:LEVEL of container logtail`,
    ]);
  });

  it("without the webhook no selected pod is created, and the message says why; others do not even notice", async () => {
    const { cluster, registered, server } = await aClusterWithWebhook();
    await cluster.create(SIDECAR_SETS, aSidecarSet());
    await registered("logging");
    await server.close();
    const other = { metadata: { labels: { app: "other" } } };
    expect((await cluster.create<Pod>(PODS, aPod("ns-1", other))).spec.containers).toHaveLength(1);
    await expect(cluster.create<Pod>(PODS, aPod("ns-1"))).rejects.toThrow(
      'failed calling webhook "pods.fail.sidecarset.kruise.io"',
    );
  });
});

async function aClusterWithWebhook() {
  const webhooks = httpsWebhooks();
  endings.push(() => webhooks.close?.());
  const api = new ApiServer({ environment, webhooks });
  const cluster = inMemoryCluster(api);
  await prepare(cluster);
  const copies = copiesOf(cluster);
  await Promise.all([copies.sidecarSets.synced, copies.namespaces.synced, copies.revisions.synced]);
  const authority = await createAuthority({ commonName: "test", now: Date.now() });
  const certificate = await issueLeaf(authority, {
    commonName: "webhook",
    usage: "server",
    ipAddresses: ["127.0.0.1"],
    now: Date.now(),
  });
  const server = await startWebhookServer({
    host: "127.0.0.1",
    port: 0,
    certificate,
    copies,
    cluster,
    environment,
    systemNamespace,
    rules,
  });
  endings.push(() => server.close());
  const address = { url: `https://127.0.0.1:${server.port}` };
  const registered = await registering({ cluster, copies, address, caBundle: () => authority.certificate });
  return { api, cluster, copies, registered, server };
}

/** The same in one process, without sockets. */
async function aClusterWithWebhookInside() {
  const known = new Map<string, AdmissionHandler>();
  const webhooks = inProcessWebhooks((path, review) => reviewInProcess(known, path, review));
  const api = new ApiServer({ environment, webhooks });
  const cluster = inMemoryCluster(api);
  await prepare(cluster);
  const copies = copiesOf(cluster);
  await Promise.all([copies.sidecarSets.synced, copies.namespaces.synced, copies.revisions.synced]);
  for (const [path, handler] of admissionHandlers({ copies, cluster, environment, systemNamespace, rules }))
    known.set(path, handler);
  const registered = await registering({ cluster, copies });
  return { api, cluster, copies, registered };
}

/** @returns what settles when the API server sends us the pods of a SidecarSet */
async function registering(
  options: Pick<KeptRegistration, "cluster" | "address" | "caBundle"> & { readonly copies: InjectionCopies },
) {
  const stop = new AbortController();
  endings.push(() => stop.abort());
  const registrations = await keepRegistered({ ...options, environment, systemNamespace, rules, signal: stop.signal });
  return async (name: string): Promise<void> => {
    await shows(options.copies.sidecarSets, name);
    await settles(() => registrations.of(options.copies.sidecarSets.get({ name })!) !== undefined);
  };
}

async function prepare(cluster: Cluster): Promise<void> {
  const crd = parse(readFileSync(new URL("../../deploy/crd.yaml", import.meta.url), "utf8")) as KubeObject;
  await cluster.create(CUSTOM_RESOURCE_DEFINITIONS, crd);
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: "ns-1" } });
}

function copiesOf(cluster: Cluster): InjectionCopies {
  const stop = new AbortController();
  endings.push(() => stop.abort());
  const common = { cluster, environment, signal: stop.signal };
  return {
    sidecarSets: startInformer({ ...common, type: SIDECAR_SETS, transform: sidecarSetReader(environment.log) }),
    namespaces: startInformer({ ...common, type: NAMESPACES, transform: (object: Namespace) => object }),
    revisions: startInformer({
      ...common,
      type: CONTROLLER_REVISIONS,
      transform: (object: ControllerRevision) => object,
    }),
    switches: startSwitchCopy(systemNamespace, common),
  };
}

async function warningsOf(api: ApiServer, request: Pick<ApiRequest, "verb" | "name" | "body" | "patch">) {
  const { group, version, plural } = SIDECAR_SETS;
  const result = await api.handle({ group, version, plural, ...request });
  return result.type === "object" ? result.warnings : undefined;
}

async function createdPod(api: ApiServer, body: Pod) {
  const result = await api.handle({
    group: "",
    version: "v1",
    plural: "pods",
    namespace: "ns-1",
    verb: "create",
    body,
  });
  if (result.type !== "object") throw new Error(JSON.stringify(result));
  return {
    containers: (result.object as unknown as Pod).spec.containers.map(({ name }) => name),
    warnings: result.warnings ?? [],
  };
}

async function settles(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

async function allowPodMetadata(cluster: Cluster, rule: object): Promise<void> {
  const metadata = { namespace: systemNamespace, name: "kruise-configuration" };
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: systemNamespace } });
  const data = { SidecarSet_PatchPodMetadata_WhiteList: JSON.stringify({ rules: [rule] }) };
  await cluster.create(CONFIG_MAPS, { apiVersion: "v1", kind: "ConfigMap", metadata, data } as KubeObject);
}

function mergePatch(patch: JsonObject): Patch {
  return { type: "merge", patch };
}

function shows<T>(copy: LocalCopy<T>, name: string, namespace?: string): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = copy.subscribe(look);
    function look(): void {
      if (copy.get({ name, ...(namespace !== undefined && { namespace }) }) === undefined) return;
      unsubscribe();
      resolve();
    }
    look();
  });
}

function aSidecarSet(spec: object = {}): KubeObject {
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: "logging" },
    spec: { selector: { matchLabels: { app: "web" } }, containers: [{ name: "logtail", image: "logtail:1" }], ...spec },
  } as KubeObject;
}

function aPod(namespace: string, { metadata = {} }: { readonly metadata?: object } = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: "web-", namespace, labels: { app: "web" }, ...metadata },
    spec: { containers: [{ name: "app", image: "app:1" }] },
  };
}
