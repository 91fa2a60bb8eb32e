import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { keepRegistered } from "../../test/keptRegistration.ts";
import { VirtualClock } from "../../test/virtualClock.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { startInformer } from "../cluster/informer.ts";
import { sidecarSetReader } from "../cluster/readSidecarSet.ts";
import { CUSTOM_RESOURCE_DEFINITIONS, MUTATING_WEBHOOKS, NAMESPACES, SIDECAR_SETS } from "../cluster/resource.ts";
import { startSwitchCopy } from "../cluster/switchCopy.ts";
import type { WebhookConfiguration } from "../cluster/webhookConfiguration.ts";
import { ANNOUNCED_ANNOTATION } from "../core/injection/registration/announcements.ts";
import type { JsonObject, KubeObject } from "../core/kube/object.ts";
import { inProcessWebhooks } from "../simulator/admission/webhookCaller.ts";
import { ApiServer } from "../simulator/apiServer.ts";
import { inMemoryCluster } from "../simulator/inMemoryCluster.ts";
import { reviewInProcess } from "./admissionHandlers.ts";
import { UNCHANGED } from "./admissionReview.ts";
import { CONFIGURATION_NAMES } from "./registration.ts";
import { type Announce, registrationAnnouncer } from "./registrationAnnouncer.ts";

let world: Awaited<ReturnType<typeof aWorld>>;
beforeEach(async () => {
  world = await aWorld();
});
afterEach(() => world.stop.abort());

describe("a SidecarSet that is about to be stored", () => {
  it("has its pods sent before it is there", async () => {
    await world.keep();
    const { warning, tookMs } = await world.announce(aSet("a"));
    expect(warning).toBeUndefined();
    expect(await world.sent()).toMatchObject([{ matchLabels: { app: "a" } }]);
    expect(tookMs).toBeLessThan(200);
  });

  it("keeps them coming once it is there, and leaves no trace of the announcement", async () => {
    await world.keep();
    await world.announce(aSet("a"));
    await world.store(aSet("a"));
    await world.clock.advance(60_000);
    expect(await world.sent()).toMatchObject([{ matchLabels: { app: "a" } }]);
    expect(await world.annotation()).toBeUndefined();
  });

  it("and never is stored sends no pods any more after ten seconds", async () => {
    await world.keep();
    await world.announce(aSet("a"));
    await world.clock.advance(8_000);
    expect(await world.sent()).toHaveLength(1);
    await world.clock.advance(4_000);
    expect(await world.sent()).toEqual([]);
    expect(await world.annotation()).toBeUndefined();
  });

  it("has both its old pods and its new ones sent while it changes what it selects", async () => {
    await world.keep();
    await world.store(aSet("a"));
    await world.clock.advance(500);
    await world.announce(aSet("a", "b"), aSet("a"));
    expect(await world.sent()).toMatchObject([
      { matchExpressions: [{ key: "app", operator: "In", values: ["a", "b"] }, {}] },
    ]);
  });

  it("is not announced when the same pods have to come, or none", async () => {
    await world.keep();
    const before = await world.version();
    const paused = {
      ...aSet("a"),
      spec: { selector: { matchLabels: { a: "b" } }, injectionStrategy: { paused: true } },
    };
    for (const [set, old] of [[aSet("a"), aSet("a")], [paused]] as const)
      expect(await world.announce(set!, old)).toEqual({ warning: undefined, tookMs: 0 });
    expect(await world.version()).toBe(before);
  });

  it("is warned of when nobody registers it in time", async () => {
    await world.keep();
    world.keeping.abort();
    const { warning, tookMs } = await world.announce(aSet("a"));
    expect(warning).toContain("wait for its condition Registered");
    expect(tookMs).toBeLessThan(1_200);
  });

  it("waits for nobody where nothing is registered at all", async () => {
    expect(await world.announce(aSet("a"))).toEqual({ warning: undefined, tookMs: 0 });
  });

  it("is announced also where the copy does not show yet what has just been registered", async () => {
    const release = world.holdWatch();
    await world.keep();
    const announced = world.announce(aSet("a"));
    world.clock.after(200, release);
    expect(await announced).toMatchObject({ warning: undefined });
    expect(await world.sent()).toMatchObject([{ matchLabels: { app: "a" } }]);
  });

  it("is announced again when somebody else writes over it", async () => {
    await world.keep();
    world.keeping.abort();
    const patch = { metadata: { annotations: { [ANNOUNCED_ANNOTATION]: null } } };
    let wrote = 0;
    world.clock.after(50, () => {
      wrote += 1;
      void world.cluster.patch(MUTATING_WEBHOOKS, { name: CONFIGURATION_NAMES.mutating }, { type: "merge", patch });
    });
    await world.announce(aSet("a"));
    expect(wrote).toBe(1);
    expect(await world.annotation()).toContain('"a"');
  });
});

function aSet(name: string, app = name): JsonObject {
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name },
    spec: { selector: { matchLabels: { app } }, containers: [{ name: "log", image: "log:1" }] },
  };
}

async function aWorld() {
  const clock = new VirtualClock();
  const environment = { clock, random: () => 0.5, log: () => {} };
  const cluster = inMemoryCluster(new ApiServer({ environment, webhooks: inProcessWebhooks(letEverythingPass) }));
  const stop = new AbortController();
  const keeping = new AbortController();
  await cluster.create(
    CUSTOM_RESOURCE_DEFINITIONS,
    parse(readFileSync(new URL("../../deploy/crd.yaml", import.meta.url), "utf8")) as KubeObject,
  );
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: "own" } });
  const common = { cluster, environment, signal: stop.signal };
  const copies = {
    sidecarSets: startInformer({ ...common, type: SIDECAR_SETS, transform: sidecarSetReader(environment.log) }),
    switches: startSwitchCopy("own", common),
  };
  let held: Promise<void> | undefined;
  const view: Cluster = {
    ...cluster,
    async list(...args) {
      await held;
      return cluster.list(...args);
    },
    async *watch(...args) {
      await held;
      yield* cluster.watch(...args) as AsyncIterable<never>;
    },
  };
  const stored = () => cluster.get<WebhookConfiguration>(MUTATING_WEBHOOKS, { name: CONFIGURATION_NAMES.mutating });
  let announce: Announce | undefined;
  const announcer = (): Announce => {
    announce ??= registrationAnnouncer({ ...common, cluster: view, rules: {} });
    return announce;
  };
  return {
    clock,
    cluster,
    stop,
    keeping,
    /** What the announcer follows comes only once this is released. */
    holdWatch(): () => void {
      let release = (): void => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      announcer();
      return () => release();
    },
    async keep(): Promise<void> {
      announcer();
      const kept = keepRegistered({ ...common, copies, systemNamespace: "own", signal: keeping.signal });
      await clock.advance(100);
      await kept;
      await clock.advance(500);
    },
    /** Lets time go on until there is an answer. */
    async announce(set: JsonObject, old?: JsonObject): Promise<{ warning: string | undefined; tookMs: number }> {
      const from = clock.now();
      let warning: string | undefined | typeof PENDING = PENDING;
      void announcer()(set, old).then((answer) => {
        warning = answer;
      });
      await clock.advance(0);
      await clock.advanceUntil(() => warning !== PENDING, 10_000, 10);
      return { warning: warning === PENDING ? "none" : warning, tookMs: clock.now() - from };
    },
    store: (set: JsonObject) => cluster.create(SIDECAR_SETS, set as unknown as KubeObject),
    /** The selectors of the pods that are sent. */
    sent: async () =>
      (await stored())
        .webhooks!.filter(({ name }) => String(name).startsWith("pods"))
        .map(({ objectSelector }) => objectSelector),
    annotation: async () => (await stored()).metadata.annotations?.[ANNOUNCED_ANNOTATION],
    version: async () => (await stored()).metadata.resourceVersion,
  };
}

function letEverythingPass(path: string, review: unknown): Promise<object> {
  return reviewInProcess(new Map([[path, () => UNCHANGED]]), path, review);
}

const PENDING = Symbol("no answer yet");
