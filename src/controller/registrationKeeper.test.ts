import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { VirtualClock } from "../../test/virtualClock.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import type { Environment } from "../cluster/environment.ts";
import { startInformer } from "../cluster/informer.ts";
import { sidecarSetReader } from "../cluster/readSidecarSet.ts";
import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../cluster/resource.ts";
import { startSwitchCopy } from "../cluster/switchCopy.ts";
import type { WebhookConfiguration, WebhookConfigurations } from "../cluster/webhookConfiguration.ts";
import type { PodEntry } from "../core/injection/registration/planRegistration.ts";
import type { JsonObject, KubeObject } from "../core/kube/object.ts";
import { parseSidecarSet } from "../core/sidecarSet/parseSidecarSet.ts";
import { ApiServer } from "../simulator/apiServer.ts";
import { inMemoryCluster } from "../simulator/inMemoryCluster.ts";
import { RegistrationKeeper } from "./registrationKeeper.ts";
import { Registrations } from "./registrations.ts";

let world: World;
beforeEach(async () => {
  world = await aWorld();
});
afterEach(() => world.stop.abort());

describe("the registration", () => {
  it("sends no pod while there is no SidecarSet, then those that it selects, and none when it is gone", async () => {
    await world.keep();
    expect(await world.podEntries()).toEqual([]);
    await world.cluster.create(SIDECAR_SETS, aSet("a"));
    await world.clock.advance(500);
    expect(await world.podEntries()).toMatchObject([{ objectSelector: { matchLabels: { app: "a" } } }]);
    await world.cluster.delete(SIDECAR_SETS, { name: "a" });
    await world.clock.advance(500);
    expect(await world.podEntries()).toEqual([]);
  });

  it("costs a burst of SidecarSets a few writes, and their status none", async () => {
    await world.keep();
    const before = world.writes.length;
    for (let number = 0; number < 100; number++) await world.cluster.create(SIDECAR_SETS, aSet(`set-${number}`));
    await world.clock.advance(1000);
    expect(world.writes.length - before).toBeLessThanOrEqual(4);
    expect((await world.podEntries())[0]).toMatchObject({
      objectSelector: { matchExpressions: [{ key: "app", operator: "In" }, {}] },
    });
    const settled = world.writes.length;
    const status = { type: "merge", patch: { status: { matchedPods: 1, readyPods: 0, updatedPods: 0 } } } as const;
    await world.cluster.patch(SIDECAR_SETS, { name: "set-1" }, status, { subresource: "status" });
    await world.clock.advance(1000);
    expect(world.writes).toHaveLength(settled);
  });

  it("is stored before a SidecarSet counts as covered", async () => {
    await world.keep();
    const stored: number[] = [];
    world.registrations.subscribe((names) => {
      expect(names).toEqual(["a"]);
      stored.push(world.writes.length);
    });
    const release = world.holdWrites();
    await world.cluster.create(SIDECAR_SETS, aSet("a"));
    await world.clock.advance(1000);
    expect(await world.finding("a")).toBeUndefined();
    const before = world.writes.length;
    release();
    await world.clock.advance(1000);
    expect(await world.finding("a")).toMatchObject({ status: "True", reason: "Covered" });
    expect(stored).toEqual([before + 1]);
  });

  it("says nothing about a selection that is not stored yet, and goes on about one that is", async () => {
    await world.keep();
    await world.cluster.create(SIDECAR_SETS, aSet("a"));
    await world.clock.advance(500);
    world.holdWrites();
    await world.cluster.patch(SIDECAR_SETS, { name: "a" }, specPatch({ containers: [{ name: "c", image: "c:2" }] }));
    await world.clock.advance(500);
    expect(await world.finding("a")).toMatchObject({ reason: "Covered" });
    await world.cluster.patch(SIDECAR_SETS, { name: "a" }, specPatch({ selector: { matchLabels: { app: "b" } } }));
    await world.clock.advance(500);
    expect(await world.finding("a")).toBeUndefined();
  });

  it.each([
    [
      "edited",
      (cluster: Cluster) =>
        cluster.patch(
          MUTATING_WEBHOOKS,
          { name: "m" },
          { type: "json", operations: [{ op: "replace", path: "/webhooks/0/failurePolicy", value: "Ignore" }] },
        ),
    ],
    [
      "narrowed",
      (cluster: Cluster) =>
        cluster.patch(
          MUTATING_WEBHOOKS,
          { name: "m" },
          {
            type: "json",
            operations: [
              { op: "add", path: "/webhooks/0/matchConditions", value: [{ name: "none", expression: "false" }] },
            ],
          },
        ),
    ],
    ["deleted", (cluster: Cluster) => cluster.delete(MUTATING_WEBHOOKS, { name: "m" })],
    ["robbed of its second half", (cluster: Cluster) => cluster.delete(VALIDATING_WEBHOOKS, { name: "v" })],
  ])("is healed when it is %s", async (_what, harm) => {
    await world.cluster.create(SIDECAR_SETS, aSet("a"));
    await world.keep();
    await world.clock.advance(1000);
    const [mutating, validating] = [
      await world.stored(MUTATING_WEBHOOKS, "m"),
      await world.stored(VALIDATING_WEBHOOKS, "v"),
    ];
    await harm(world.cluster);
    await world.clock.advance(2000);
    expect((await world.stored(MUTATING_WEBHOOKS, "m")).webhooks).toEqual(mutating.webhooks);
    expect((await world.stored(VALIDATING_WEBHOOKS, "v")).webhooks).toEqual(validating.webhooks);
    expect(world.logged.at(-1)).toContain("somebody had changed it");
  });

  it("is healed as often as somebody changes it, who is told of once a minute", async () => {
    await world.cluster.create(SIDECAR_SETS, aSet("a"));
    await world.keep();
    const told = world.logged.length;
    for (let second = 0; second < 130; second++) {
      await world.cluster.delete(MUTATING_WEBHOOKS, { name: "m" });
      await world.clock.advance(1000);
      expect(await world.podEntries()).toHaveLength(1);
    }
    const [first, ...others] = world.logged.slice(told);
    expect(first).toMatch(/^registration written {"because":"somebody had changed it"/);
    expect(others).toEqual([
      'somebody changes the registration again and again {"times":60}',
      'somebody changes the registration again and again {"times":60}',
    ]);
  });

  it("keeps what others have put into its metadata, and follows a new authority", async () => {
    await world.keep();
    const label = { type: "merge", patch: { metadata: { labels: { team: "infra" } } } } as const;
    await world.cluster.patch(MUTATING_WEBHOOKS, { name: "m" }, label);
    world.authority = "NEW";
    world.keeper.refresh();
    await world.clock.advance(500);
    const { metadata, webhooks } = await world.stored(MUTATING_WEBHOOKS, "m");
    expect(metadata.labels).toEqual({ team: "infra" });
    expect(webhooks!.at(-1)!.clientConfig).toMatchObject({ caBundle: "NEW" });
  });

  it("is written again when somebody else was faster", async () => {
    await world.keep();
    let conflicts = 2;
    world.onWrite = () => {
      if (conflicts-- > 0) throw new ClusterError("conflict", "the object has been modified");
    };
    await world.cluster.create(SIDECAR_SETS, aSet("a"));
    await world.clock.advance(500);
    expect(await world.finding("a")).toMatchObject({ reason: "Covered" });
    expect(world.logged.filter((line) => line.includes("cannot be written"))).toEqual([]);
  });

  it("that cannot be written is told, for the SidecarSets that need it, until it can", async () => {
    await world.cluster.create(SIDECAR_SETS, aSet("a"));
    await world.keep();
    world.onWrite = () => {
      throw new ClusterError("forbidden", "no permission");
    };
    await world.cluster.create(SIDECAR_SETS, aSet("b"));
    await world.clock.advance(1000);
    expect(await world.finding("a")).toMatchObject({ status: "True" });
    expect(await world.finding("b")).toEqual({
      status: "False",
      reason: "NotRegistered",
      message: "the registration cannot be written: no permission",
    });
    world.onWrite = () => {};
    await world.clock.advance(60_000);
    expect(await world.finding("b")).toMatchObject({ status: "True", reason: "Covered" });
  });
});

describe("a leader that leads no more", () => {
  it("says nothing of the write that was refused because of it", async () => {
    await world.cluster.create(SIDECAR_SETS, aSet("a"));
    await world.keep();
    const release = world.holdWrites();
    world.onWrite = () => {
      throw new ClusterError("notLeading", "this process leads no more");
    };
    await world.cluster.create(SIDECAR_SETS, aSet("b"));
    await world.clock.advance(500);
    const told = world.logged.length;
    world.stop.abort();
    release();
    await world.clock.advance(60_000);
    expect(world.logged.slice(told)).toEqual([]);
    expect(await world.finding("b")).toBeUndefined();
  });
});

describe("an API server that does not take match conditions", () => {
  const sets = [aSet("a"), aSet("b", { selector: { matchLabels: { tier: "db" } } })];

  it("because it is too old to know them is sent wider selectors, once, and that is told", async () => {
    for (const set of sets) await world.cluster.create(SIDECAR_SETS, set);
    world.dropsConditions = true;
    await world.keep();
    await world.clock.advance(2000);
    expect(await world.finding("a")).toMatchObject({
      status: "True",
      reason: "Widened",
      message: expect.stringContaining("the API server does not know match conditions"),
    });
    expect((await world.podEntries())[0]).not.toHaveProperty("matchConditions");
    const settled = world.writes.length;
    await world.clock.advance(60_000);
    expect(world.writes).toHaveLength(settled);
  });

  it("because it refuses the text is sent wider selectors", async () => {
    world.onWrite = (object) => {
      if (JSON.stringify(object).includes("matchConditions")) throw new ClusterError("invalid", "cost exceeds limit");
    };
    for (const set of sets) await world.cluster.create(SIDECAR_SETS, set);
    await world.keep();
    expect(await world.finding("b")).toMatchObject({
      reason: "Widened",
      message: expect.stringContaining("cost exceeds limit"),
    });
    expect(await world.podEntries()).toHaveLength(1);
  });
});

describe("the stop switch", () => {
  it("removes the registration and keeps it away, and takes it back", async () => {
    await world.cluster.create(SIDECAR_SETS, aSet("a"));
    await world.keep();
    await world.stopRegistration("stopped");
    await world.clock.advance(2000);
    for (const [type, name] of [
      [MUTATING_WEBHOOKS, "m"],
      [VALIDATING_WEBHOOKS, "v"],
    ] as const)
      await expect(world.cluster.get(type, { name })).rejects.toMatchObject({ kind: "notFound" });
    expect(await world.finding("a")).toMatchObject({ status: "False", reason: "RegistrationStopped" });
    await world.stopRegistration("running");
    await world.clock.advance(2000);
    expect(await world.podEntries()).toHaveLength(1);
    expect(await world.finding("a")).toMatchObject({ status: "True" });
  });

  it("without any SidecarSet is taken back without suspecting anybody", async () => {
    await world.keep();
    await world.stopRegistration("stopped");
    await world.clock.advance(2000);
    await world.stopRegistration("running");
    await world.clock.advance(2000);
    expect(world.logged.at(-1)).toBe('registration written {"sent":[]}');
  });
});

type World = Awaited<ReturnType<typeof aWorld>>;

async function aWorld() {
  const clock = new VirtualClock();
  const logged: string[] = [];
  const log: Environment["log"] = (_level, message, fields) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const environment = { clock, random: () => 0.5, log };
  const cluster = inMemoryCluster(new ApiServer({ environment }));
  const stop = new AbortController();
  await cluster.create(CUSTOM_RESOURCE_DEFINITIONS, definition());
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: "own" } });
  const common = { cluster, environment, signal: stop.signal };
  const sidecarSets = startInformer({ ...common, type: SIDECAR_SETS, transform: sidecarSetReader(log) });
  const switches = startSwitchCopy("own", common);
  const registrations = new Registrations({});
  const writes: WebhookConfiguration[] = [];
  let held: Promise<void> | undefined;
  const written = async <T extends KubeObject>(object: T, write: (object: T) => Promise<T>): Promise<T> => {
    await held;
    world.onWrite(object);
    const stored = await write(world.dropsConditions ? withoutConditions(object) : object);
    writes.push(stored as WebhookConfiguration);
    return stored;
  };
  const keeperView: Cluster = {
    ...cluster,
    create: (type, object, options) => written(object, (one) => cluster.create(type, one, options)),
    update: (type, object, options) => written(object, (one) => cluster.update(type, one, options)),
  };
  const keeper = new RegistrationKeeper({
    cluster: keeperView,
    environment,
    signal: stop.signal,
    sidecarSets,
    switches,
    rules: {},
    registrations,
    configurations: (entries) => configurations(entries, world.authority),
  });
  const world = {
    clock,
    cluster,
    stop,
    logged,
    keeper,
    registrations,
    /** What the keeper has stored. */
    writes,
    authority: "OLD",
    dropsConditions: false,
    onWrite: (_object: KubeObject): void => {},
    holdWrites(): () => void {
      let release = (): void => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return () => release();
    },
    async keep(): Promise<void> {
      const started = keeper.start();
      await clock.advance(0);
      await started;
      await clock.advance(500);
    },
    stored: (type: typeof MUTATING_WEBHOOKS, name: string) => cluster.get<WebhookConfiguration>(type, { name }),
    podEntries: async () =>
      (await world.stored(MUTATING_WEBHOOKS, "m")).webhooks!.filter(({ name }) => String(name).startsWith("pods")),
    async finding(name: string) {
      const set = parseSidecarSet(await cluster.get(SIDECAR_SETS, { name }));
      return set.ok ? registrations.of(set.value) : undefined;
    },
    async stopRegistration(registration: string): Promise<void> {
      const metadata = { name: "sidecarset-switches", namespace: "own" };
      await cluster.delete(CONFIG_MAPS, metadata).catch(() => {});
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { registration } };
      await cluster.create(CONFIG_MAPS, object as KubeObject);
    },
  };
  return world;
}

function configurations(entries: readonly PodEntry[], caBundle: string): WebhookConfigurations {
  const common = {
    clientConfig: { url: "https://inside/", caBundle },
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"], scope: "*" }],
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
  };
  const pods = entries.map(({ failurePolicy, namespaceSelector, objectSelector, matchCondition: expression }) => ({
    ...common,
    name: `pods.${failurePolicy.toLowerCase()}.io`,
    failurePolicy,
    namespaceSelector,
    objectSelector,
    ...(expression !== undefined && { matchConditions: [{ name: "selected", expression }] }),
  }));
  const other = {
    ...common,
    name: "other.test.io",
    failurePolicy: "Ignore",
    namespaceSelector: {},
    objectSelector: { matchLabels: { not: "there" } },
  };
  const named = (kind: string, name: string, webhooks: readonly object[]) => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind,
    metadata: { name },
    webhooks: webhooks as readonly JsonObject[],
  });
  return {
    mutating: named("MutatingWebhookConfiguration", "m", [...pods, other]),
    validating: named("ValidatingWebhookConfiguration", "v", [other]),
  };
}

function withoutConditions<T extends KubeObject>(object: T): T {
  const { webhooks = [] } = object as unknown as WebhookConfiguration;
  return { ...object, webhooks: webhooks.map(({ matchConditions: _dropped, ...webhook }) => webhook) };
}

function aSet(name: string, spec: object = {}): KubeObject {
  const containers = [{ name: "c", image: "c:1" }];
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, containers, ...spec },
  } as KubeObject;
}

function specPatch(spec: JsonObject) {
  return { type: "merge", patch: { spec } } as const;
}

function definition(): KubeObject {
  return parse(readFileSync(new URL("../../deploy/crd.yaml", import.meta.url), "utf8")) as KubeObject;
}
