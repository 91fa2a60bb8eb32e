import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { controllerPart } from "../../src/cli/run/leaderParts.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import type { Environment } from "../../src/cluster/environment.ts";
import { startInformer } from "../../src/cluster/informer.ts";
import type { LeaderPart } from "../../src/cluster/leaderPart.ts";
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PODS,
  SIDECAR_SETS,
} from "../../src/cluster/resource.ts";
import { RevisionTally } from "../../src/cluster/revisionTally.ts";
import { startCopies } from "../../src/cluster/startCopies.ts";
import { startParts } from "../../src/cluster/startParts.ts";
import { Registrations } from "../../src/controller/registrations.ts";
import { SelfTest } from "../../src/controller/selfTest.ts";
import { injectionRules } from "../../src/core/injection/injectionRules.ts";
import type { JsonObject, KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { inProcessWebhooks } from "../../src/simulator/admission/webhookCaller.ts";
import { ApiServer } from "../../src/simulator/apiServer.ts";
import { inMemoryCluster } from "../../src/simulator/inMemoryCluster.ts";
import { startKubelet } from "../../src/simulator/kubelet/kubelet.ts";
import { admissionHandlers, reviewInProcess } from "../../src/webhook/admissionHandlers.ts";
import { CONFIGURATION_NAMES } from "../../src/webhook/registration.ts";
import { keepRegistered } from "../keptRegistration.ts";
import { seededRandom } from "../seededRandom.ts";
import { VirtualClock } from "../virtualClock.ts";
import { type Moment, MortalProcess } from "./mortalProcess.ts";
import { RolloutObserver } from "./rolloutObserver.ts";
import { observeStatuses } from "./statusObserver.ts";
import type { StoredSet } from "./storyCluster.ts";
import { type HotPair, WriteObserver } from "./writeObserver.ts";

const SYSTEM_NAMESPACE = "kruise-system";
const DEFINITION = parse(readFileSync(new URL("../../deploy/crd.yaml", import.meta.url), "utf8")) as KubeObject;
const PATIENCE_MS = 30_000;
const STEP_MS = 100;
const REST_MS = 11 * 60_000;

/** Of managers that come one after the other. */
export interface Lives {
  /** Of the one that begins; undefined: it lives on. */
  end(): Moment | undefined;
  /** It has come. */
  onEnd(): void;
}

const FOR_GOOD: Lives = { end: () => undefined, onEnd: () => {} };

type Admit = (path: string, review: unknown) => Promise<object>;

export interface CrashWorldOptions {
  readonly pods: number;
  readonly updateStrategy: JsonObject;
  /** Laid over the sidecar `logtail`. */
  readonly sidecar?: JsonObject;
  readonly labels?: (index: number) => Readonly<Record<string, string>>;
  /** For hot upgrades. */
  readonly pair?: HotPair;
}

/** A cluster that outlives its managers: while none is there, nobody answers for its webhook. */
export class CrashWorld {
  readonly clock = new VirtualClock();
  readonly cluster: Cluster;
  readonly observer: RolloutObserver;
  readonly writes: WriteObserver;
  readonly violations: string[] = [];
  readonly #options: CrashWorldOptions;
  readonly #environment: Environment;
  readonly #stop = new AbortController();
  #admit: Admit = nobody;
  #manager: MortalProcess | undefined;
  #lives: Lives = FOR_GOOD;

  static async start(options: CrashWorldOptions): Promise<CrashWorld> {
    const world = new CrashWorld(options);
    await world.#prepare();
    return world;
  }

  private constructor(options: CrashWorldOptions) {
    this.#options = options;
    const { signal } = this.#stop;
    setMaxListeners(0, signal);
    const environment: Environment = {
      clock: this.clock,
      random: seededRandom(),
      log: (level, message, fields) => {
        if (level === "error") this.violations.push(`logged: ${message} ${JSON.stringify(fields)}`);
      },
    };
    const webhooks = inProcessWebhooks((path, review) => this.#admit(path, review));
    this.cluster = inMemoryCluster(new ApiServer({ environment, webhooks }));
    this.#environment = environment;
    const common = { cluster: this.cluster, environment, signal };
    const pods = startInformer<Pod, Pod>({ ...common, type: PODS, transform: (pod) => pod });
    this.observer = new RolloutObserver(pods, "logtail");
    this.writes = new WriteObserver(pods, options.pair);
    const sets = startInformer<KubeObject, KubeObject>({ ...common, type: SIDECAR_SETS, transform: (set) => set });
    observeStatuses(sets, { seen: [], violations: this.violations });
    startKubelet({ ...common, pods });
  }

  async #prepare(): Promise<void> {
    const { cluster } = this;
    const { pods, updateStrategy, sidecar, labels = () => ({}) } = this.#options;
    const spec = {
      selector: { matchLabels: { app: "web" } },
      containers: [{ name: "logtail", image: imageOf(0), ...sidecar }],
      updateStrategy,
    };
    await cluster.create(CUSTOM_RESOURCE_DEFINITIONS, DEFINITION);
    for (const name of ["ns-1", SYSTEM_NAMESPACE])
      await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    const set = { apiVersion: "apps.kruise.io/v1beta1", kind: "SidecarSet", metadata: { name: "logging" } };
    this.startManagers(FOR_GOOD);
    // Before, nobody would judge the set.
    await this.#untilDone(() => cluster.get(MUTATING_WEBHOOKS, { name: CONFIGURATION_NAMES.mutating }));
    await this.#untilDone(() => cluster.create(SIDECAR_SETS, { ...set, spec } as KubeObject));
    await this.until(async () => {
      const { status } = await this.set();
      return status?.conditions?.some((one) => one.type === "Registered" && one.status === "True") ?? false;
    });
    for (let index = 0; index < pods; index++) {
      await cluster.create(PODS, {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `web-${index}`, namespace: "ns-1", labels: { app: "web", ...labels(index) } },
        spec: { nodeName: "node-1", containers: [{ name: "app", image: "app:1" }] },
      } as KubeObject);
    }
    await this.until(() => this.observer.size === pods && this.observer.unavailable.length === 0);
  }

  /**
   * From here on managers come and go, each of which knows nothing but what the API tells: when one meets its end, the next follows.
   */
  startManagers(lives: Lives): void {
    const before = this.#manager;
    this.#manager = undefined;
    before?.kill();
    this.#lives = lives;
    this.#startManager();
  }

  /** Until the kubelets have forgotten that containers ended often, which they answer with longer and longer waits. */
  async rest(): Promise<void> {
    const manager = this.#manager;
    this.#manager = undefined;
    manager?.kill();
    await this.clock.advance(REST_MS);
  }

  #startManager(): void {
    const manager = new MortalProcess(this.cluster, this.#environment, this.#lives.end());
    this.#manager = manager;
    const { cluster, environment, death: signal } = manager;
    setMaxListeners(0, signal);
    signal.addEventListener("abort", () => void Promise.resolve().then(() => this.#follow(manager)));
    const systemNamespace = SYSTEM_NAMESPACE;
    const rules = injectionRules({ systemNamespace });
    const copies = startCopies({ cluster, environment, signal, systemNamespace });
    const context = { cluster, environment, systemNamespace, rules, copies, signal };
    const tally = new RevisionTally(copies.pods, environment.clock);
    const handlers = new Map(admissionHandlers({ ...context, tally }));
    this.#admit = (path, review) => unlessDead(reviewInProcess(handlers, path, review), signal);
    const registrations = new Registrations(rules);
    const registration: LeaderPart = {
      name: "registration",
      async start(leading) {
        await keepRegistered({ ...context, ...leading, registrations });
        void new SelfTest().run({ ...leading, environment, namespace: systemNamespace });
      },
    };
    void startParts([controllerPart(context, registrations), registration], { cluster, signal }, environment);
  }

  #follow(dead: MortalProcess): void {
    if (this.#manager !== dead || this.#stop.signal.aborted) return;
    this.#lives.onEnd();
    this.#startManager();
  }

  set(): Promise<StoredSet> {
    return this.cluster.get<StoredSet>(SIDECAR_SETS, { name: "logging" });
  }

  /** As somebody does it who tries again when nobody answers. */
  async setImage(image: string): Promise<void> {
    const operations = [{ op: "replace", path: "/spec/containers/0/image", value: image }] as const;
    this.observer.expectImage(image);
    await this.#untilDone(() => this.cluster.patch(SIDECAR_SETS, { name: "logging" }, { type: "json", operations }));
  }

  until(condition: () => boolean | Promise<boolean>): Promise<void> {
    return this.clock.advanceUntil(condition, PATIENCE_MS, STEP_MS);
  }

  /** Whatever must never happen and did. */
  problems(): readonly string[] {
    return [...this.violations, ...this.observer.violations, ...this.writes.violations];
  }

  stop(): void {
    this.#stop.abort();
    this.#manager?.kill();
  }

  async #untilDone(write: () => Promise<unknown>): Promise<void> {
    let state = "failed";
    await this.until(() => {
      if (state !== "failed") return state === "done";
      state = "asked";
      void write().then(
        () => (state = "done"),
        () => (state = "failed"),
      );
      return false;
    });
  }
}

/** The first version is 0. */
export function imageOf(version: number): string {
  return `logtail:1.0.${version}`;
}

async function nobody(): Promise<object> {
  throw new Error("connection refused");
}

function unlessDead(answer: Promise<object>, death: AbortSignal): Promise<object> {
  return new Promise((resolve, reject) => {
    death.addEventListener("abort", () => reject(new Error("connection reset")), { once: true });
    answer.then(resolve, reject);
  });
}
