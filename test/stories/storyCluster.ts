import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { managerMetrics } from "../../src/cli/run/metrics/managerMetrics.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import type { Environment } from "../../src/cluster/environment.ts";
import type { RolloutCopies } from "../../src/cluster/gatherSnapshot.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import { CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES, PODS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import { RevisionTally } from "../../src/cluster/revisionTally.ts";
import { startCopies } from "../../src/cluster/startCopies.ts";
import type { Registrations } from "../../src/controller/registrations.ts";
import type { RolloutEvent } from "../../src/controller/rolloutEvent.ts";
import { SidecarSetController } from "../../src/controller/sidecarSetController.ts";
import type { JsonObject, KubeObject } from "../../src/core/kube/object.ts";
import type { Container, Pod } from "../../src/core/kube/pod.ts";
import { inProcessWebhooks } from "../../src/simulator/admission/webhookCaller.ts";
import { ApiServer } from "../../src/simulator/apiServer.ts";
import { inMemoryCluster } from "../../src/simulator/inMemoryCluster.ts";
import { startKubelet } from "../../src/simulator/kubelet/kubelet.ts";
import { type AdmissionHandler, admissionHandlers, reviewInProcess } from "../../src/webhook/admissionHandlers.ts";
import { UNCHANGED } from "../../src/webhook/admissionReview.ts";
import { WEBHOOK_PATHS } from "../../src/webhook/registration.ts";
import { keepRegistered } from "../keptRegistration.ts";
import { settle, VirtualClock } from "../virtualClock.ts";
import { FaultyView } from "./faultyView.ts";
import { RolloutObserver } from "./rolloutObserver.ts";
import { observeStatuses, type SeenStatus } from "./statusObserver.ts";

const SYSTEM_NAMESPACE = "kruise-system";
const DEFINITION = parse(readFileSync(new URL("../../deploy/crd.yaml", import.meta.url), "utf8")) as KubeObject;

/** What `kubectl get sidecarset -o yaml` shows of a set. */
export interface StoredSet extends KubeObject {
  readonly spec: JsonObject;
  readonly status?: SeenStatus;
}

/** An API server, kubelets, our webhook and our controller in one process, in a time that the story moves. */
export class StoryCluster {
  readonly clock = new VirtualClock();
  readonly environment: Environment;
  readonly cluster: Cluster;
  readonly observer: RolloutObserver;
  /** Every status that was stored, from the beginning. */
  readonly statuses: SeenStatus[] = [];
  readonly warnings: string[] = [];
  /** Of all lines that are logged, from the beginning. */
  readonly log: { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];
  /** What traces are made of, from the beginning. */
  readonly rolloutEvents: RolloutEvent[] = [];
  /** Of all instances of the controller. */
  readonly metrics = managerMetrics({ clock: this.clock, onRollout: (event) => this.rolloutEvents.push(event) });
  /** The cluster as our controller reaches it, and what goes wrong on that way. */
  readonly view: FaultyView;
  readonly #stop = new AbortController();
  #controller = new AbortController();
  readonly #copies: (view?: Cluster, signal?: AbortSignal) => RolloutCopies;

  /** @param kubelets by how much their clocks are ahead of ours; negative: behind */
  static async start(kubelets: { readonly aheadMs?: number } = {}): Promise<StoryCluster> {
    const story = new StoryCluster();
    await story.#prepare(kubelets.aheadMs ?? 0);
    return story;
  }

  private constructor() {
    setMaxListeners(0, this.#stop.signal);
    const log: Environment["log"] = (level, message, fields = {}) => {
      this.log.push({ message, fields });
      if (level === "warn" || level === "error") this.warnings.push(`${message} ${JSON.stringify(fields)}`);
    };
    const environment = { clock: this.clock, random: seededRandom(), log };
    const known = new Map<string, AdmissionHandler>();
    const webhooks = inProcessWebhooks((path, review) => reviewInProcess(known, path, review));
    this.#api = new ApiServer({ environment, webhooks });
    const cluster = inMemoryCluster(this.#api);
    this.view = new FaultyView(cluster, this.clock);
    const common = { cluster, environment, signal: this.#stop.signal };
    const whole = <T>(object: T): T => object;
    this.environment = environment;
    this.cluster = cluster;
    const onHeard = this.metrics.heard;
    this.#copies = (view = cluster, signal = common.signal) =>
      startCopies({ environment, cluster: view, signal, systemNamespace: SYSTEM_NAMESPACE, onHeard });
    const seen = startInformer<Pod, Pod>({ ...common, type: PODS, transform: whole });
    this.observer = new RolloutObserver(seen, "logtail", ({ metadata }) => metadata.labels?.app === "web");
    this.#known = known;
  }

  readonly #known: Map<string, AdmissionHandler>;
  readonly #passedOver = new Map<string, AdmissionHandler>();
  readonly #api: ApiServer;
  #registrations: Registrations | undefined;

  async #prepare(aheadMs: number): Promise<void> {
    const { cluster, environment } = this;
    await cluster.create(CUSTOM_RESOURCE_DEFINITIONS, DEFINITION);
    for (const name of ["ns-1", SYSTEM_NAMESPACE])
      await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    observeStatuses(
      startInformer({ cluster, environment, type: SIDECAR_SETS, transform: (set) => set, signal: this.#stop.signal }),
      { seen: this.statuses, violations: this.observer.violations },
    );
    const copies = this.#copies();
    await settle();
    const tally = new RevisionTally(copies.pods, environment.clock);
    const options = { copies, cluster, environment, systemNamespace: SYSTEM_NAMESPACE, tally };
    for (const [path, handler] of admissionHandlers(options)) this.#known.set(path, handler);
    this.#registrations = await keepRegistered({ ...options, signal: this.#stop.signal });
    const pods = startInformer<Pod, Pod>({
      cluster,
      environment,
      type: PODS,
      transform: (pod) => pod,
      signal: this.#stop.signal,
    });
    const clock = { now: () => this.clock.now() + aheadMs, after: this.clock.after.bind(this.clock) };
    startKubelet({ cluster, environment: { ...environment, clock }, pods, signal: this.#stop.signal });
    await this.startController();
  }

  /** Another instance takes over; it knows nothing but what the API tells. */
  async startController(): Promise<void> {
    this.#controller.abort();
    this.#controller = new AbortController();
    const { environment, view } = this;
    const signal = AbortSignal.any([this.#stop.signal, this.#controller.signal]);
    const copies = this.#copies(view.cluster, signal);
    const controller = new SidecarSetController({
      cluster: view.cluster,
      environment,
      copies,
      signal,
      observer: this.metrics.observer(),
      ...(this.#registrations && { registrations: this.#registrations }),
    });
    this.metrics.follow(controller, signal);
    const started = controller.start();
    await settle();
    await started;
  }

  /** Which pods the API server sends to the webhook. */
  get registrations(): Registrations | undefined {
    return this.#registrations;
  }

  /** Nobody upgrades pods any more, until another instance is started. */
  stopController(): void {
    this.#controller.abort();
  }

  /** Deletes the set. @returns what the person who does it is told */
  async deletionWarnings(): Promise<readonly string[]> {
    const { group, version, plural } = SIDECAR_SETS;
    const result = await this.#api.handle({ group, version, plural, verb: "delete", name: "logging" });
    return result.type === "object" ? result.warnings : [JSON.stringify(result)];
  }

  /** What the pod webhook answers from now on. */
  recordPodAnswers(): readonly { readonly patched: boolean }[] {
    const answers: { readonly patched: boolean }[] = [];
    const admit = this.#known.get(WEBHOOK_PATHS.pods)!;
    this.#known.set(WEBHOOK_PATHS.pods, async (request) => {
      const answer = await admit(request);
      answers.push({ patched: answer.allowed && answer.patch.length > 0 });
      return answer;
    });
    return answers;
  }

  /** What is asked there is let through as it is, until it is answered again. */
  passOver(path: string): void {
    this.#passedOver.set(path, this.#known.get(path)!);
    this.#known.set(path, () => UNCHANGED);
  }

  answerAgain(path: string): void {
    this.#known.set(path, this.#passedOver.get(path)!);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** The set `logging` with its sidecar `logtail`. */
  async apply(spec: JsonObject, sidecar: Partial<Container> = {}): Promise<void> {
    await this.cluster.create(SIDECAR_SETS, {
      apiVersion: "apps.kruise.io/v1beta1",
      kind: "SidecarSet",
      metadata: { name: "logging" },
      spec: {
        selector: { matchLabels: { app: "web" } },
        containers: [{ name: "logtail", image: "logtail:1.0.0", ...sidecar }],
        ...spec,
      },
    } as KubeObject);
    await this.clock.advance(500);
  }

  async edit(spec: JsonObject): Promise<void> {
    await this.cluster.patch(SIDECAR_SETS, { name: "logging" }, { type: "merge", patch: { spec } });
  }

  /** Changes the image of the sidecar, as `kubectl edit` would. */
  async setImage(image: string): Promise<void> {
    const path = "/spec/containers/0/image";
    const operations = [{ op: "replace", path, value: image }] as const;
    await this.cluster.patch(SIDECAR_SETS, { name: "logging" }, { type: "json", operations });
    this.observer.expectImage(image);
  }

  /** @param path of the first part of their names, with a namespace where it is not `ns-1`: `canary`, `ns-2/web` */
  async createPods(count: number, labels: Readonly<Record<string, string>> = {}, path = "web"): Promise<void> {
    const [prefix, namespace = "ns-1"] = path.split("/").reverse();
    const names = Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(2, "0")}`);
    for (const name of names) {
      await this.cluster.create(PODS, {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace, labels: { app: "web", ...labels } },
        spec: { nodeName: "node-1", containers: [{ name: "app", image: "app:1" }] },
      } as KubeObject);
    }
    await this.until(() => {
      const ready = new Set([...this.observer.pods()].filter((pod) => pod.ready).map(({ name }) => name));
      return names.every((name) => ready.has(name));
    });
  }

  set(): Promise<StoredSet> {
    return this.cluster.get<StoredSet>(SIDECAR_SETS, { name: "logging" });
  }

  until(condition: () => boolean | Promise<boolean>): Promise<void> {
    return this.clock.advanceUntil(condition, 300_000, 50);
  }

  /** Until the pods have not changed for a while. */
  async quiet(): Promise<void> {
    let seen = -1;
    while (seen !== this.observer.changes) {
      seen = this.observer.changes;
      await this.clock.advance(20_000);
    }
  }
}

/** Equal stories unfold equally. */
function seededRandom(): () => number {
  let state = 42;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
