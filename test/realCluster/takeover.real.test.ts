import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isClusterError } from "../../src/cluster/clusterError.ts";
import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  LEASES,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  NODES,
  PODS,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { hashDifference } from "../../src/core/migration/hashDifference.ts";
import { OPENKRUISE } from "../../src/core/migration/openKruise.ts";
import { parseHashRecord } from "../../src/core/pod/hashRecord.ts";
import { HASH_ANNOTATION } from "../../src/core/sidecarSet/annotations.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { aPod, eventually, type Loose } from "../contract/fixtures.ts";
import { freePorts } from "../freePorts.ts";
import { type RunningProgram, runProgram, startProgram } from "../program/runProgram.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";
import { playNodes } from "./playedNodes.ts";
import { type RecordedState, recordedStates } from "./takeoverRecorded.ts";
import { installStandIn, type StandIn } from "./takeoverStandIn.ts";

const SYSTEM = "takeover-system";
const LIVE = "takeover-live";
const QUIET_MS = 60_000;
/** Beyond all measure: the machine may be busy with other things. */
const PATIENCE_MS = 900_000;
const FLAGS = ["--kubeconfig", realKubeconfig(), "--system-namespace", SYSTEM];
const undo: (() => unknown)[] = [];
const { from, halfWay, states } = recordedStates();

let cluster: KubeApi;
let standIn: StandIn;
let manager: RunningProgram;
let healthPort: number;
let loaded: readonly RecordedState[];

beforeAll(async () => {
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  undo.push(() => cluster.close());
  const labels = { "control-plane": "controller-manager" };
  await makeNamespace(SYSTEM, labels);
  await makeNamespace(LIVE);
  const nodes = await playNodes(cluster);
  undo.push(() => nodes.stop());
  standIn = await installStandIn(cluster, SYSTEM);
  undo.push(() => standIn.stop());
  loaded = await load(states);
  await cluster.create(CONFIG_MAPS, WHITE_LIST);
  await cluster.create(SIDECAR_SETS, LIVE_SET);
  await eventually(async () => {
    const { status } = await cluster.get<Loose>(DEPLOYMENTS, { namespace: SYSTEM, name: OPENKRUISE.deployment });
    expect(status.readyReplicas).toBe(2);
  });
  await standIn.register();
}, PATIENCE_MS);

afterAll(async () => {
  for (const step of undo.reverse()) await step();
}, PATIENCE_MS);

describe("beside OpenKruise", () => {
  it("migrate --check tells what runs, what is used and what comes next", async () => {
    const { code, stdout } = await runProgram(["migrate", "--check", ...FLAGS, "-o", "json"]);
    const report = JSON.parse(stdout);
    expect(report.openKruise).toMatchObject({
      leader: "their-manager",
      manager: { version: "v1.9.0", replicas: 2, readyReplicas: 2, featureGates: { KruiseDaemon: false } },
    });
    expect(report.findings.map(({ code }: { code: string }) => code)).toContain("M11");
    expect([code, report.verdict]).toEqual([3, "findings"]);
    const { stdout: text } = await runProgram(["migrate", "--check", ...FLAGS]);
    console.log(text);
  });

  it("a manager waits, says why, and is alive but not ready", async () => {
    [healthPort = 0] = await freePorts(1);
    manager = await start();
    await manager.said("OpenKruise's manager runs: waiting until it ends");
    expect(await health("/livez")).toBe(200);
    expect(await health("/readyz")).toBe(503);
    await expect(cluster.get(LEASES, { namespace: SYSTEM, name: "sidecarset-manager" })).rejects.toThrow("not found");
  });

  it("a dry run writes nothing", async () => {
    const before = await versions();
    const { code, stderr } = await runProgram(["migrate", "--take-over", "--dry-run=server", ...FLAGS]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("its manager (Deployment")]);
    expect(await versions()).toEqual(before);
  });

  it("nothing is written without a yes", async () => {
    const before = await versions();
    const { code, stderr } = await runProgram(["migrate", "--take-over", ...FLAGS]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--yes")]);
    expect(await versions()).toEqual(before);
  });
});

describe("taking over", () => {
  let quiet: ReadonlyMap<string, string>;

  it(
    "ends OpenKruise's manager; no selected pod starts without its sidecar, and others wait for a moment only",
    async () => {
      quiet = await podVersions();
      const taking = runProgram(["migrate", "--take-over", "--yes", "--stop-other-kinds", ...FLAGS]);
      const seen = await samplesUntil(taking);
      const { code, stdout, stderr } = await taking;
      expect([code, stderr]).toEqual([0, expect.stringContaining("This will happen")]);
      console.log(stdout);
      const unanswered = seen.filter(({ answered }) => !answered);
      console.log(`while nobody of OpenKruise answered: ${JSON.stringify(counted(unanswered))}`);
      expect(unanswered.filter(({ selected }) => selected === "bare")).toEqual([]);
      await eventually(async () => expect(await become({ app: "live" })).toBe("injected"));
      expect((await webhooks("mutating")).length + (await webhooks("validating")).length).toBe(0);
      await manager.said("manager started");
      await eventually(async () => expect(await health("/readyz")).toBe(200));
    },
    PATIENCE_MS,
  );

  it(
    "leaves every pod alone",
    async () => {
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      const after = await podVersions();
      const touched = [...quiet].filter(([pod, version]) => after.get(pod) !== version);
      console.log(
        `${from}: ${loaded.length} SidecarSets, ${quiet.size} pods, ${QUIET_MS / 1000} s under our manager; resourceVersion changed: ${touched.length}`,
      );
      expect(touched).toEqual([]);
      expect(after.size).toBe(quiet.size);
    },
    PATIENCE_MS,
  );

  it("migrate --check says that it is done, and a second one that there is nothing to do", async () => {
    const { code, stdout } = await runProgram(["migrate", "--check", ...FLAGS, "-o", "json"]);
    expect([code, JSON.parse(stdout).verdict]).toEqual([0, "takenOver"]);
  });

  it(
    "and the next image rolls out",
    async () => {
      const rolling = loaded.filter(({ set }) => isRolling(set));
      await Promise.all(rolling.flatMap(({ pods }) => pods.map(settle)));
      const refused: string[] = [];
      const changed: RecordedState[] = [];
      for (const state of rolling) {
        const name = state.set.metadata.name ?? "";
        const operations = [{ op: "replace", path: "/spec/containers/0/image", value: "next:2" }] as const;
        try {
          await patiently(() => cluster.patch(SIDECAR_SETS, { name }, { type: "json", operations }));
          changed.push(state);
        } catch (error) {
          if (!isClusterError(error, "invalid", "badRequest", "forbidden")) throw error;
          refused.push(`${name}: ${error.message.slice(0, 600)}`);
        }
      }
      const late = await behind(changed);
      console.log(
        `${changed.length} SidecarSets got a new image, ${refused.length} edits were refused; behind: ${late.length}`,
      );
      if (refused.length + late.length > 0) console.log([...refused, ...late].join("\n"));
      expect(late).toEqual([]);
      expect(changed.length).toBeGreaterThan(rolling.length * 0.9);
    },
    PATIENCE_MS,
  );
});

describe("giving back", () => {
  it(
    "is refused while a SidecarSet would select other pods",
    async () => {
      const before = await versions();
      const spec = { ...LIVE_SET.spec, selector: {}, injectionStrategy: { paused: true } };
      const containers = [{ name: "everywhere", image: "log:1" }];
      await cluster.create<Loose>(SIDECAR_SETS, {
        ...LIVE_SET,
        metadata: { name: EVERY_POD },
        spec: { ...spec, containers },
      });
      const stderr = await refusedGivingBack();
      expect(stderr).toContain(`M20 ${EVERY_POD}`);
      expect(await versions()).toEqual(before);
      const blocked = [...stderr.matchAll(/blocker M\d\d ([^:]+):/g)].map(([, name = ""]) => name);
      for (const name of new Set(blocked)) await cluster.delete(SIDECAR_SETS, { name });
    },
    PATIENCE_MS,
  );

  it(
    "lets OpenKruise find its own form, the same revisions and every pod as it was",
    async () => {
      await cluster.patch(SIDECAR_SETS, { name: LIVE_SET.metadata.name ?? "" }, { type: "merge", patch: OUR_FIELDS });
      const before = await podVersions();
      const sets = await setsByName();
      await givenBack();
      const after = await podVersions();
      const touched = [...before].filter(([pod, version]) => after.get(pod) !== version);
      console.log(`given back: ${before.size} pods, resourceVersion changed: ${touched.length}`);
      expect(touched).toEqual([]);

      const { spec } = await cluster.get<Loose>(CUSTOM_RESOURCE_DEFINITIONS, { name: "sidecarsets.apps.kruise.io" });
      expect(spec.conversion.strategy).toBe("Webhook");
      expect((await webhooks("mutating")).map(({ name, failurePolicy }) => [name, failurePolicy])).toEqual([
        ["mpod.kb.io", "Fail"],
        ["msidecarset.kb.io", "Fail"],
      ]);
      for (const type of [MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS]) {
        const { items } = await cluster.list(type);
        expect(items.map(({ metadata }) => metadata.name).filter((name) => name?.startsWith("sidecarset-"))).toEqual(
          [],
        );
      }
      const returned = await setsByName();
      const live = returned.get(LIVE_SET.metadata.name ?? "")!;
      expect(live.spec.namespaceSelector).toEqual({ matchLabels: { "kubernetes.io/metadata.name": LIVE } });
      expect(live.spec.updateStrategy).toMatchObject({ scatterStrategy: [{ key: "zone", value: "*" }], partition: 0 });
      expect(live.spec.updateStrategy).not.toHaveProperty("maxUnavailablePerOwner");
      // Some recorded sets have texts in the place of hashes.
      const hashed = [...sets].filter(([, set]) => isHashed(set));
      expect(hashed.length).toBeGreaterThan(0);
      for (const [name, { metadata }] of hashed)
        expect([name, returned.get(name)?.metadata.annotations]).toEqual([name, metadata.annotations]);
      await expect(cluster.get(CONFIG_MAPS, { namespace: SYSTEM, name: "sidecarset-openkruise" })).rejects.toThrow(
        "not found",
      );
    },
    PATIENCE_MS,
  );

  it(
    "is refused when nothing was taken over",
    async () => {
      const { code, stderr } = await runProgram(["migrate", "--give-back", "--yes", ...FLAGS]);
      expect([code, stderr]).toEqual([4, expect.stringContaining("nothing to give back")]);
    },
    PATIENCE_MS,
  );
});

/** As an installation has it whose SidecarSets write annotations of pods. */
const WHITE_LIST: Loose = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: SYSTEM, name: "kruise-configuration" },
  data: { SidecarSet_PatchPodMetadata_WhiteList: '{"rules": [{"allowedAnnotationKeyExprs": [".*"]}]}' },
};

/** In v1alpha1's words, as OpenKruise's users have them. */
const LIVE_SET: Loose = {
  apiVersion: "apps.kruise.io/v1beta1",
  kind: "SidecarSet",
  metadata: { name: "takeover-live" },
  spec: {
    selector: { matchLabels: { app: "live" } },
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": LIVE } },
    containers: [{ name: "log", image: "log:1" }],
  },
};
const EVERY_POD = "takeover-every-pod";
const OUR_FIELDS = {
  spec: {
    namespace: LIVE,
    namespaceSelector: null,
    updateStrategy: { scatterStrategy: [{ key: "zone" }], maxUnavailablePerOwner: 1 },
  },
};

interface Sample {
  readonly answered: boolean;
  readonly selected: "refused" | "bare" | "injected";
  readonly other: "refused" | "bare" | "injected";
}

async function refusedGivingBack(): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const { code, stderr } = await runProgram(["migrate", "--give-back", "--yes", ...FLAGS]);
    if (code === 4) return stderr;
    if (attempt === 3) throw new Error(`ended with ${code}: ${stderr}`);
  }
}

/** It can be run again: on a busy machine a webhook may be late. */
async function givenBack(): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const giving = startProgram(["migrate", "--give-back", "--yes", ...FLAGS, "--timeout", "300"]);
    // No Deployment of this cluster runs it, so that it has to be ended by hand.
    giving.said("end it now").then(
      () => manager.process.kill("SIGTERM"),
      () => undefined,
    );
    const { code, stdout, stderr } = await giving.ended;
    console.log(
      stdout.replace(/(sidecarset\/\S+ rewritten\n)+/, "… rewritten\n"),
      stderr.split("\n").slice(-8).join("\n"),
    );
    if (code === 0) return;
    if (attempt === 3) throw new Error(stderr);
  }
}

/** What becomes of two pods, asked as dry runs again and again: one that a SidecarSet selects, and one that none does. */
async function samplesUntil(end: Promise<unknown>): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  let ended = false;
  void end.then(() => {
    ended = true;
  });
  do {
    const { answers } = standIn;
    const [selected, other] = await Promise.all([become({ app: "live" }), become({ app: "other" })]);
    samples.push({ answered: answers || standIn.answers, selected, other });
    await new Promise((resolve) => setTimeout(resolve, 100));
  } while (!ended);
  return samples;
}

async function become(labels: Record<string, string>): Promise<Sample["selected"]> {
  try {
    const pod = await cluster.create<Loose>(PODS, aPod(LIVE, "sample", { metadata: { labels } }), { dryRun: true });
    return pod.spec.containers.length > 1 ? "injected" : "bare";
  } catch (error) {
    if (!isClusterError(error)) throw error;
    return "refused";
  }
}

function counted(samples: readonly Sample[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { selected, other } of samples) {
    const key = `selected ${selected}, other ${other}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

async function start(): Promise<RunningProgram> {
  const [port = 0] = await freePorts(1);
  const program = startProgram([
    ...["run", ...FLAGS, "--listen", "127.0.0.1", "--lease-duration", "3"],
    ...["--webhook-url", `https://127.0.0.1:${port}`, "--port", String(port), "--health-port", String(healthPort)],
  ]);
  undo.push(async () => {
    program.process.kill("SIGTERM");
    await program.ended;
  });
  return program;
}

async function health(path: string): Promise<number> {
  return (await fetch(`http://127.0.0.1:${healthPort}${path}`)).status;
}

async function load(all: readonly RecordedState[]): Promise<readonly RecordedState[]> {
  const names = [...new Set(all.flatMap(({ pods }) => pods.flatMap(({ spec }) => spec.nodeName ?? [])))];
  for (const name of names) {
    await cluster.create(NODES, { apiVersion: "v1", kind: "Node", metadata: { name } });
    undo.push(() => cluster.delete(NODES, { name }));
  }
  const refused: string[] = [];
  const taken: RecordedState[] = [];
  for (const state of all) {
    for (const { metadata } of state.namespaces) await makeNamespace(metadata.name ?? "", metadata.labels);
    const pods = await Promise.all(state.pods.map((pod) => loadPod(pod).catch((error: Error) => error)));
    refused.push(
      ...pods.flatMap((pod) => (pod instanceof Error ? [`${state.set.metadata.name}: ${pod.message}`] : [])),
    );
    const stored = pods.filter((pod) => !(pod instanceof Error));
    if (stored.length === 0 && state.pods.length > 0) continue;
    const { metadata } = await cluster.create<Loose>(SIDECAR_SETS, state.set);
    const name = { name: metadata.name ?? "" };
    const { status } = state.set;
    if (status)
      await cluster.patch(SIDECAR_SETS, name, { type: "merge", patch: { status } }, { subresource: "status" });
    taken.push({ ...state, pods: stored as Loose[] });
  }
  console.log(
    `${taken.length} of ${all.length} recorded states loaded (${halfWay} half way through a hot upgrade left out); pods that the API server refuses: ${refused.length}`,
  );
  if (refused.length > 0) console.log(refused.join("\n"));
  return taken;
}

async function loadPod({ status, ...pod }: Loose): Promise<Loose> {
  const { metadata } = await eventually(() => cluster.create<Loose>(PODS, pod));
  const name = { namespace: metadata.namespace ?? "", name: metadata.name ?? "" };
  if (!status) return cluster.get<Loose>(PODS, name);
  return cluster.patch<Loose>(PODS, name, { type: "merge", patch: { status } }, { subresource: "status" });
}

/** As a kubelet reports it when every container runs the image that it is to run. */
async function settle({ metadata }: Loose): Promise<void> {
  const name = { namespace: metadata.namespace ?? "", name: metadata.name ?? "" };
  const { spec } = await cluster.get<Loose>(PODS, name);
  const statuses = (containers: readonly { name: string; image: string }[] = []) =>
    containers.map(({ name: container, image }) => ({
      ...{ name: container, image, imageID: `settled-${image}`, containerID: `containerd://${container}` },
      ...{ ready: true, started: true, restartCount: 1, state: { running: { startedAt: "2026-07-02T08:00:00Z" } } },
    }));
  const conditions = [{ type: "Ready", status: "True", lastTransitionTime: "2026-07-02T08:00:00Z" }];
  const status = {
    phase: "Running",
    conditions,
    containerStatuses: statuses(spec.containers),
    initContainerStatuses: statuses(spec.initContainers),
  };
  await cluster.patch(PODS, name, { type: "merge", patch: { status } }, { subresource: "status" });
}

/** Where the machine is busy a webhook may be late; a refusal is final. */
async function patiently<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (error) {
      const isLate = isClusterError(error, "unavailable") || /took more than/.test(String(error));
      if (!isLate || attempt === 5) throw error;
    }
  }
}

function isHashed(set: Loose): boolean {
  const parsed = parseSidecarSet(set);
  return parsed.ok && hashDifference(parsed.value) === undefined;
}

function isRolling({ spec }: Loose): boolean {
  const { type = "RollingUpdate", paused, selector, partition = 0 } = spec.updateStrategy ?? {};
  return type === "RollingUpdate" && !paused && !selector && partition === 0 && (spec.containers ?? []).length > 0;
}

/** The SidecarSets whose pods do not carry their present hash after a while, each with why; the kubelets' part is played. */
async function behind(states: readonly RecordedState[]): Promise<readonly string[]> {
  for (const end = Date.now() + PATIENCE_MS / 2; ; ) {
    const sets = await setsByName();
    const { items } = await cluster.list<Loose>(PODS);
    const live = new Map(items.map((pod) => [pod.metadata.uid, pod]));
    const late = states.flatMap(({ set, pods }) => {
      const name = set.metadata.name ?? "";
      const { metadata, status } = sets.get(name) ?? set;
      const isBehind = pods.some((pod) => {
        const annotation = live.get(pod.metadata.uid)?.metadata.annotations?.[HASH_ANNOTATION];
        return parseHashRecord(annotation).entries.get(name)?.hash !== metadata.annotations?.[HASH_ANNOTATION];
      });
      const codes: readonly string[] = status?.waiting?.map(({ code }: { code: string }) => code) ?? [];
      return isBehind && status?.matchedPods > 0 && !codes.includes(NOT_IN_PLACE)
        ? [`${name}: ${codes.join(", ")}`]
        : [];
    });
    if (late.length === 0 || Date.now() > end) return late;
    const lateNames = new Set(late.map((text) => text.split(":")[0]));
    const waiting = states.filter(({ set }) => lateNames.has(set.metadata.name));
    await Promise.all(waiting.flatMap(({ pods }) => pods.map(settle)));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

/** A new image may change more than the image: the default of the pull policy depends on its tag. */
const NOT_IN_PLACE = "U07";

async function setsByName(): Promise<ReadonlyMap<string, Loose>> {
  // Where the definition has just changed its storage is set up anew.
  const { items } = await eventually(() => cluster.list<Loose>(SIDECAR_SETS));
  return new Map(items.map((set) => [set.metadata.name ?? "", set]));
}

/** Of the recorded pods. */
async function podVersions(): Promise<ReadonlyMap<string, string>> {
  const { items } = await cluster.list(PODS);
  const recorded = new Set(loaded.flatMap(({ pods }) => pods.map(({ metadata }) => metadata.uid)));
  return new Map(
    items
      .filter(({ metadata }) => recorded.has(metadata.uid))
      .map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata.resourceVersion ?? ""]),
  );
}

/** Of everything that a move writes. */
async function versions(): Promise<readonly (string | undefined)[]> {
  const objects = await Promise.all([
    cluster.get(DEPLOYMENTS, { namespace: SYSTEM, name: OPENKRUISE.deployment }),
    cluster.get(MUTATING_WEBHOOKS, { name: OPENKRUISE.mutating }),
    cluster.get(VALIDATING_WEBHOOKS, { name: OPENKRUISE.validating }),
    cluster.get(CUSTOM_RESOURCE_DEFINITIONS, { name: "sidecarsets.apps.kruise.io" }),
  ]);
  const { items } = await cluster.list(CONFIG_MAPS, { namespace: SYSTEM });
  return [...objects, ...items].map(({ metadata }) => metadata.resourceVersion);
}

async function webhooks(which: "mutating" | "validating"): Promise<readonly Loose["spec"][]> {
  const type = which === "mutating" ? MUTATING_WEBHOOKS : VALIDATING_WEBHOOKS;
  const { webhooks: entries = [] } = await cluster.get<Loose & { webhooks?: Loose["spec"][] }>(type, {
    name: OPENKRUISE[which],
  });
  return entries;
}

async function makeNamespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
  const namespace: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
  await cluster.create(NAMESPACES, namespace);
  undo.push(() => cluster.delete(NAMESPACES, { name }));
}
