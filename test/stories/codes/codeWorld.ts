import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { type Manager, startManager } from "../../../src/cli/startManager.ts";
import type { Cluster } from "../../../src/cluster/cluster.ts";
import { systemClock } from "../../../src/cluster/environment.ts";
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  NODES,
  PODS,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../../src/cluster/resource.ts";
import type { JsonObject, KubeObject } from "../../../src/core/kube/object.ts";
import { connect } from "../../../src/kubeapi/connect.ts";
import { startEmbeddedCluster } from "../../../src/simulator/embeddedCluster.ts";
import { aDeployment, eventually, type Loose } from "../../contract/fixtures.ts";
import type { WebhookServer } from "../../contract/webhookServer.ts";
import { freePorts } from "../../freePorts.ts";
import { startProgram } from "../../program/runProgram.ts";
import { Shell } from "./shell.ts";

const SYSTEM_NAMESPACE = "kruise-system";
const environment = { clock: systemClock, random: Math.random, log: () => {} };

/** Pods that ask nothing of their cluster, and go at once. */
const SPARE = { automountServiceAccountToken: false, terminationGracePeriodSeconds: 0 };

/** A cluster whose states are to be explained, with a manager that comes and goes. */
export class CodeWorld {
  /** What the rows of the table call theirs: a SidecarSet, a label `app`, a namespace of this name. */
  name = "";
  readonly cluster: Cluster;
  readonly shell: Shell;
  readonly #kubeconfig: string;
  readonly #port: number;
  readonly #close: () => Promise<void>;
  #manager: { readonly running: Manager; readonly stop: AbortController } | undefined;

  static async embedded(): Promise<CodeWorld> {
    const definition = readFileSync(new URL("../../../deploy/crd.yaml", import.meta.url), "utf8");
    const embedded = await startEmbeddedCluster({
      environment,
      port: 0,
      zones: 1,
      nodesPerZone: 2,
      sidecarSetDefinition: parse(definition) as KubeObject,
      timing: { sync: 20, sandbox: 20, start: 40, stop: 20, initRun: 20, warmUp: 20, firstProbe: 50, crash: 50 },
    });
    const folder = mkdtempSync(join(tmpdir(), "code-world-"));
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, embedded.kubeconfig, { mode: 0o600 });
    return CodeWorld.start(embedded.cluster, kubeconfig, async () => {
      await embedded.close();
      rmSync(folder, { recursive: true, force: true });
    });
  }

  /** On any cluster that knows SidecarSets and runs pods. */
  static async start(cluster: Cluster, kubeconfig: string, close: () => Promise<void>): Promise<CodeWorld> {
    const [port = 0] = await freePorts(1);
    const world = new CodeWorld(cluster, kubeconfig, port, close);
    await world.startManager();
    return world;
  }

  private constructor(cluster: Cluster, kubeconfig: string, port: number, close: () => Promise<void>) {
    this.cluster = cluster;
    this.#kubeconfig = kubeconfig;
    this.#port = port;
    this.#close = close;
    this.shell = new Shell(cluster, ["--kubeconfig", kubeconfig]);
  }

  /** @param controller false: nobody leads, and the webhook answers all the same */
  async startManager({ controller = true } = {}): Promise<void> {
    const stop = new AbortController();
    const cluster = await connect({ kubeconfig: this.#kubeconfig, variables: process.env });
    const running = await startManager({
      cluster,
      environment,
      systemNamespace: SYSTEM_NAMESPACE,
      listen: { host: "127.0.0.1", port: this.#port },
      address: "listen",
      leader: { leaseSeconds: 3 },
      roles: { controller, webhook: true },
      signal: stop.signal,
    });
    this.#manager = { running, stop };
  }

  /** As every row expects it, whatever became of the one before. */
  async withManager(): Promise<void> {
    if (!this.#manager) await this.startManager();
  }

  /** Some node of the cluster. */
  async node(): Promise<string> {
    return (await this.cluster.list(NODES)).items[0]!.metadata.name!;
  }

  /** Its registration stays. */
  async stopManager(): Promise<void> {
    await this.#manager?.running.close();
    this.#manager = undefined;
  }

  async close(): Promise<void> {
    await this.stopManager();
    await this.#close();
  }

  /** The row's own; pods may be created in it, which takes a service account. */
  async namespace(): Promise<void> {
    await this.cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: this.name } });
    const probe = { ...this.#podNamed("probe"), spec: { containers: [{ name: "app", image: "app:1" }] } };
    await eventually(() => this.cluster.create<Loose>(PODS, probe, { dryRun: true }));
  }

  /** The row's SidecarSet, known to the API server as one whose pods go to the webhook. */
  async sidecarSet(spec: JsonObject = {}, metadata: JsonObject = {}): Promise<void> {
    const name = (metadata.name as string | undefined) ?? this.name;
    await this.cluster.create(SIDECAR_SETS, {
      apiVersion: "apps.kruise.io/v1beta1",
      kind: "SidecarSet",
      metadata: { ...metadata, name },
      spec: {
        selector: { matchLabels: { app: this.name } },
        containers: [{ name: "logtail", image: "logtail:1" }],
        injectionStrategy: { failurePolicy: "Ignore" },
        ...spec,
      },
    } as KubeObject);
    if (this.#manager) await this.condition("Registered", name);
    await this.#youngerThan(name);
  }

  /** Of two objects made in the same second nobody can tell which is the older one. */
  async #youngerThan(name: string): Promise<void> {
    const { metadata } = await this.cluster.get(SIDECAR_SETS, { name });
    const second = Date.parse(metadata.creationTimestamp ?? "") + 1000;
    await eventually(async () => {
      if (Date.now() < second) throw new Error("it is still the second in which the SidecarSet was made");
    });
  }

  async condition(wanted: string, name = this.name): Promise<void> {
    await eventually(async () => {
      const { status } = await this.cluster.get<Loose>(SIDECAR_SETS, { name });
      const found = status?.conditions?.find(({ type }: { type: string }) => type === wanted);
      if (found?.status === undefined) throw new Error(`${name} has no condition ${wanted} yet`);
    });
  }

  /** Name of the ControllerRevision of the present template. */
  latestRevision(): Promise<string> {
    return eventually(async () => {
      const { metadata, status } = await this.cluster.get<Loose>(SIDECAR_SETS, { name: this.name });
      if (status?.observedGeneration !== metadata.generation) throw new Error(`${this.name} is not observed yet`);
      return status.latestRevision as string;
    });
  }

  /** New pods of the row get the sidecar, or not. */
  async untilInjected(wanted: boolean): Promise<void> {
    await eventually(async () => {
      const pod = { ...this.#podNamed("probe"), spec: { containers: [{ name: "app", image: "app:1" }] } };
      const { spec } = await this.cluster.create<Loose>(PODS, pod, { dryRun: true });
      if (spec.containers.length > 1 !== wanted) throw new Error(`injection of ${this.name} is not ${wanted} yet`);
    });
  }

  #podNamed(name: string, { labels, ...metadata }: { readonly labels?: JsonObject } & JsonObject = {}): Loose {
    const own = { name, namespace: this.name, labels: { app: this.name, ...labels }, ...metadata };
    return { apiVersion: "v1", kind: "Pod", metadata: own } as Loose;
  }

  /** Until the manager has nothing left to do for the present generation. */
  async settled(): Promise<void> {
    await eventually(async () => {
      const { metadata } = await this.cluster.get(SIDECAR_SETS, { name: this.name });
      const { observedGeneration, rollout } = await this.status();
      if (observedGeneration !== metadata.generation || !["Held", "Complete"].includes(rollout?.phase)) {
        throw new Error(`the rollout of ${this.name} is ${rollout?.phase ?? "not observed"}`);
      }
    });
  }

  async status(): Promise<Loose["status"]> {
    return (await this.cluster.get<Loose>(SIDECAR_SETS, { name: this.name })).status ?? {};
  }

  /** On no node, so that no kubelet looks at it: it is what its status was made. */
  async stalledPod(name: string, phase = "Running"): Promise<void> {
    const spec = { ...SPARE, schedulerName: "nobody", containers: [{ name: "app", image: "app:1" }] };
    await this.cluster.create(PODS, { ...this.#podNamed(name), spec } as Loose);
    await this.#report(name, phase);
  }

  /** What a kubelet does that sees the images of the spec. */
  restartStalled(name: string): Promise<void> {
    return this.#report(name, "Running");
  }

  async #report(name: string, phase: string): Promise<void> {
    const at = { namespace: this.name, name };
    const { metadata, spec } = await this.cluster.get<Loose>(PODS, at);
    const containerStatuses = spec.containers.map(({ name: of, image }: { name: string; image: string }) => ({
      name: of,
      image,
      imageID: `id-of-${image}`,
      containerID: `containerd://${of}-${metadata.resourceVersion}`,
      restartCount: 0,
      ready: true,
      state: { running: { startedAt: new Date().toISOString() } },
    }));
    const conditions = [{ type: "Ready", status: "True", lastTransitionTime: new Date().toISOString() }];
    const status = { phase, observedGeneration: metadata.generation ?? 1, conditions, containerStatuses };
    await this.cluster.patch(PODS, at, { type: "merge", patch: { status } }, { subresource: "status" });
  }

  async untilImage(name: string, wanted: string): Promise<void> {
    await eventually(async () => {
      const { spec } = await this.cluster.get<Loose>(PODS, { namespace: this.name, name });
      const images = spec.containers.map(({ image }: { image: string }) => image);
      if (!images.includes(wanted)) throw new Error(`${name} has ${images.join(", ")}, not ${wanted} yet`);
    });
  }

  /** A webhook of somebody else's that is asked about every update of the row's pods. */
  async refuseUpdates({ url, caBundle }: WebhookServer): Promise<void> {
    await this.cluster.create(VALIDATING_WEBHOOKS, {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "frozen" },
      webhooks: [
        {
          name: "frozen.example.com",
          rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["pods"] }],
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": this.name } },
          clientConfig: { url: `${url}/frozen`, caBundle },
          admissionReviewVersions: ["v1"],
          sideEffects: "None",
        },
      ],
    } as KubeObject);
  }

  /** As in an emergency: nobody is asked about SidecarSets. */
  async unregister(): Promise<void> {
    await this.cluster.delete(VALIDATING_WEBHOOKS, { name: "sidecarset-validating" });
    await this.cluster.delete(MUTATING_WEBHOOKS, { name: "sidecarset-mutating" });
  }

  async edit(spec: JsonObject): Promise<void> {
    await this.cluster.patch(SIDECAR_SETS, { name: this.name }, { type: "merge", patch: { spec } });
  }

  setImage(image: string): Promise<void> {
    return this.edit({ containers: [{ name: "logtail", image }] });
  }

  async switches(data: Readonly<Record<string, string>>): Promise<void> {
    const metadata = { name: "sidecarset-switches", namespace: SYSTEM_NAMESPACE };
    await this.cluster.create(CONFIG_MAPS, { apiVersion: "v1", kind: "ConfigMap", metadata, data } as KubeObject);
  }

  /** Nothing of the row is left to be looked at by the next ones. */
  async clear(): Promise<void> {
    const { items } = await this.cluster.list(SIDECAR_SETS);
    for (const { metadata } of items) await this.cluster.delete(SIDECAR_SETS, { name: metadata.name! });
    if (this.name !== "kube-system") await this.cluster.delete(NAMESPACES, { name: this.name });
  }

  /** Which annotations SidecarSets may write. */
  async whiteList(expression: string): Promise<void> {
    const rules = JSON.stringify({ rules: [{ allowedAnnotationKeyExprs: [expression] }] });
    const metadata = { name: "kruise-configuration", namespace: SYSTEM_NAMESPACE };
    const data = { SidecarSet_PatchPodMetadata_WhiteList: rules };
    await this.cluster.create(CONFIG_MAPS, { apiVersion: "v1", kind: "ConfigMap", metadata, data } as KubeObject);
  }

  async removeSwitches(): Promise<void> {
    await this.cluster.delete(CONFIG_MAPS, { name: "sidecarset-switches", namespace: SYSTEM_NAMESPACE });
  }

  /** A pod that nobody owns, up and running. */
  async pod(name: string, fields: { readonly metadata?: JsonObject; readonly spec?: JsonObject } = {}): Promise<void> {
    await this.cluster.create(PODS, {
      ...this.#podNamed(name, fields.metadata),
      spec: { ...SPARE, containers: [{ name: "app", image: "app:1" }], ...fields.spec },
    } as Loose);
    await this.ready(1, [name]);
  }

  async pods(count: number, fields: Parameters<CodeWorld["pod"]>[1] = {}): Promise<void> {
    for (let at = 0; at < count; at++) await this.pod(`web-${at}`, fields);
  }

  async deployment(replicas: number, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    const deployment = aDeployment(this.name, this.name, { replicas });
    const { template } = deployment.spec;
    await this.cluster.create(DEPLOYMENTS, {
      ...deployment,
      spec: { ...deployment.spec, template: { ...template, metadata: { labels: { app: this.name, ...labels } } } },
    } as Loose);
    await this.ready(replicas);
  }

  /** So many of the row's pods are ready. */
  async ready(count: number, names?: readonly string[]): Promise<void> {
    await eventually(async () => {
      const pods = await this.listPods();
      const ready = pods.filter(
        ({ metadata, status }) =>
          (names?.includes(metadata.name ?? "") ?? true) &&
          status?.conditions?.some(
            ({ type, status: is }: { type: string; status: string }) => type === "Ready" && is === "True",
          ),
      );
      if (ready.length < count) throw new Error(`${ready.length} of ${count} pods of ${this.name} are ready`);
    });
  }

  async listPods(): Promise<readonly Loose[]> {
    return (await this.cluster.list<Loose>(PODS, { namespace: this.name })).items;
  }

  /** The program on this cluster, with its end. */
  program(...args: readonly string[]) {
    return this.startProgram(...args).ended;
  }

  startProgram(...args: readonly string[]) {
    return startProgram([...args, "--kubeconfig", this.#kubeconfig]);
  }

  /** What it tells about pods of the row. */
  async explain(...target: readonly string[]) {
    const { code, stdout, stderr } = await this.program("explain", ...target, "-n", this.name, "-o", "json");
    if (code !== 0 && code !== 3) throw new Error(`explain ended with ${code}: ${stderr}`);
    return { code, report: JSON.parse(stdout) };
  }
}
