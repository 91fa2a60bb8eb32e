import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Cluster } from "../../src/cluster/cluster.ts";
import {
  CONTROLLER_REVISIONS,
  CUSTOM_RESOURCE_DEFINITIONS,
  NAMESPACES,
  PODS,
  type ResourceType,
  SIDECAR_SETS,
} from "../../src/cluster/resource.ts";
import { startCopies } from "../../src/cluster/startCopies.ts";
import { SidecarSetController } from "../../src/controller/sidecarSetController.ts";
import type { ControllerRevision, JsonObject, KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { podRecord } from "../../src/core/pod/podRecord.ts";
import type { CarriedPair } from "../../src/core/pod/sidecars.ts";
import { isMarkedNotUpgradable } from "../../src/core/pod/upgradableCondition.ts";
import { type PodFacts, pairsToFlip, podFacts } from "../../src/core/rollout/podFacts.ts";
import { rolloutRules } from "../../src/core/rollout/rolloutRules.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../../src/core/sidecarSet/annotations.ts";
import { sidecarSetHashes } from "../../src/core/sidecarSet/hash.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import { revisionOf } from "../../src/core/sidecarSet/revision.ts";
import type { SidecarSet } from "../../src/core/sidecarSet/sidecarSet.ts";
import { ApiServer } from "../../src/simulator/apiServer.ts";
import { inMemoryCluster } from "../../src/simulator/inMemoryCluster.ts";
import { settle, VirtualClock } from "../virtualClock.ts";

const SYSTEM_NAMESPACE = "kruise-system";
const MINUTES = 60_000;

interface RecordedCase {
  readonly name: string;
  readonly features: readonly string[];
  readonly input: JsonObject & { readonly sidecarSet: KubeObject };
  readonly expected: JsonObject;
}

/** What OpenKruise left behind in a cluster, and our controller in its place; nothing else lives there. */
class TakenOver {
  readonly clock = new VirtualClock(Date.parse("2026-07-10T00:00:00Z"));
  readonly warnings: string[] = [];
  readonly #environment = {
    clock: this.clock,
    random: () => 0.5,
    log: (level: string, message: string, fields?: object) => {
      if (level === "warn" || level === "error") this.warnings.push(`${message} ${JSON.stringify(fields)}`);
    },
  };
  readonly cluster: Cluster = inMemoryCluster(new ApiServer({ environment: this.#environment }));
  readonly #stop = new AbortController();

  static async of(set: KubeObject, pods: readonly KubeObject[], namespaces: readonly KubeObject[] = []) {
    const story = new TakenOver();
    await story.cluster.create(CUSTOM_RESOURCE_DEFINITIONS, DEFINITION);
    const system: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: SYSTEM_NAMESPACE } };
    for (const namespace of [system, ...namespaces]) {
      if (namespace.metadata.name !== "default") await story.cluster.create(NAMESPACES, namespace);
    }
    const stored = await story.#store(SIDECAR_SETS, { ...set, apiVersion: "apps.kruise.io/v1beta1" });
    const revision = revisionOf(setOf(stored), { revision: 7, collisionCount: 0 });
    const metadata = { ...revision.metadata, namespace: SYSTEM_NAMESPACE };
    await story.cluster.create(CONTROLLER_REVISIONS, { ...revision, metadata });
    for (const pod of pods) {
      const { namespace = "default", name = "" } = (await story.#store(PODS, { ...pod, apiVersion: "v1", kind: "Pod" }))
        .metadata;
      if (pod.metadata.deletionTimestamp) await story.cluster.delete(PODS, { namespace, name });
    }
    return story;
  }

  static async from({ input, expected }: RecordedCase) {
    const story = await TakenOver.of(input.sidecarSet, [expected.pod as unknown as KubeObject]);
    return { story, before: await story.untouched() };
  }

  /** With its status, which a creation leaves out. */
  async #store(type: ResourceType, object: KubeObject): Promise<KubeObject> {
    const { resourceVersion: _version, ...metadata } = object.metadata;
    const namespace = type.namespaced ? (metadata.namespace ?? "default") : undefined;
    const created = await this.cluster.create(type, {
      ...object,
      metadata: { ...metadata, ...(namespace && { namespace }) },
    });
    const { status } = object as { readonly status?: JsonObject };
    if (!status) return created;
    const name = { name: metadata.name ?? "", ...(namespace && { namespace }) };
    return this.cluster.patch(type, name, { type: "merge", patch: { status } }, { subresource: "status" });
  }

  /** Our controller runs for some virtual minutes. */
  async run(): Promise<void> {
    const { cluster, clock } = this;
    const common = { cluster, environment: this.#environment, signal: this.#stop.signal };
    const copies = startCopies({ ...common, systemNamespace: SYSTEM_NAMESPACE });
    const started = new SidecarSetController({ ...common, copies }).start();
    await settle();
    await started;
    await clock.advance(5 * MINUTES);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Names and versions of all that a takeover must not touch. */
  async untouched(): Promise<readonly string[]> {
    const versions: string[] = [];
    for (const type of [PODS, CONTROLLER_REVISIONS]) {
      const { items } = await this.cluster.list(type);
      for (const { metadata } of items) versions.push(`${type.kind} ${metadata.name} ${metadata.resourceVersion}`);
    }
    return versions;
  }

  /** As `kubectl edit` would, and admission after it. */
  async setImage(image: string): Promise<void> {
    const operations = [{ op: "replace", path: "/spec/containers/0/image", value: image }] as const;
    const { name = "" } = (await this.set()).metadata;
    const edited = await this.cluster.patch(SIDECAR_SETS, { name }, { type: "json", operations });
    const { hash, hashWithoutImage } = sidecarSetHashes(setOf(edited));
    const annotations = { [HASH_ANNOTATION]: hash, [HASH_WITHOUT_IMAGE_ANNOTATION]: hashWithoutImage };
    await this.cluster.patch(SIDECAR_SETS, { name }, { type: "merge", patch: { metadata: { annotations } } });
    await this.clock.advance(MINUTES);
  }

  async pod(): Promise<Pod> {
    return (await this.cluster.list<Pod>(PODS)).items[0]!;
  }

  /** Every container runs the image of the spec. */
  async letKubeletFollow(): Promise<void> {
    const { metadata, spec, status } = await this.pod();
    const imageOf = new Map(spec.containers.map(({ name, image }) => [name, image ?? ""]));
    const containerStatuses = (status?.containerStatuses ?? []).map((container) => {
      const image = imageOf.get(container.name) ?? "";
      return { ...container, image, imageID: `docker://id-of-${image}` };
    });
    const patch = { status: { containerStatuses } } as unknown as JsonObject;
    const name = { namespace: metadata.namespace ?? "", name: metadata.name ?? "" };
    await this.cluster.patch(PODS, name, { type: "merge", patch }, { subresource: "status" });
    await this.clock.advance(MINUTES);
  }

  async set(): Promise<KubeObject & { readonly status: JsonObject }> {
    return (await this.cluster.list<KubeObject & { readonly status: JsonObject }>(SIDECAR_SETS)).items[0]!;
  }
}

const DEFINITION = parse(readFileSync(new URL("../../deploy/crd.yaml", import.meta.url), "utf8")) as KubeObject;

describe("taking over from OpenKruise", () => {
  const pods = recorded("pod-update").filter(({ expected }) => "pod" in expected);

  it.each(pods.filter((one) => isAtRest(one)))("leaves a pod as it was written there: $name", async (one) => {
    const { story, before } = await TakenOver.from(one);
    await story.run();
    expect(await story.untouched()).toEqual(before);
    expect(story.warnings).toEqual([]);
    story.stop();
  });

  it.each(pods.filter((one) => flipsDue(one).length > 0))("finishes a hot upgrade under way: $name", async (one) => {
    const { story, before } = await TakenOver.from(one);
    const due = flipsDue(one).map(({ idle, sidecar }) => [idle.name, sidecar.emptyImage]);
    const images = async () => new Map((await story.pod()).spec.containers.map(({ name, image }) => [name, image]));
    const expected = new Map([...(await images()), ...(due as [string, string][])]);
    await story.run();
    expect(await images()).toEqual(expected);
    expect(await story.untouched()).toHaveLength(before.length);
    story.stop();
  });

  it.each(pods.filter((one) => isMarkedWrongly(one)))(
    "takes a mark back that is no longer true: $name",
    async (one) => {
      const { story } = await TakenOver.from(one);
      const { metadata, spec } = await story.pod();
      await story.run();
      const now = await story.pod();
      expect(now).toMatchObject({ spec, metadata: { annotations: metadata.annotations } });
      expect(now.status!.conditions).toContainEqual(
        expect.objectContaining({ message: '{"ss":true}', status: "True" }),
      );
      story.stop();
    },
  );

  const rolling = pods.filter((one) => isAtRest(one) && canFollow(one));
  it.each(rolling)("rolls the next image out: $name", async (one) => {
    const { story } = await TakenOver.from(one);
    await story.run();
    // The second time for the other half of a hot upgrade.
    for (let change = 0; change < 2; change++) await story.letKubeletFollow();
    await story.setImage("side:next");
    expect((await story.pod()).spec.containers.map(({ image }) => image)).toContain("side:next");
    const { items } = await story.cluster.list<ControllerRevision>(CONTROLLER_REVISIONS);
    expect(items.map(({ revision }) => revision).sort()).toEqual([7, 8]);
    story.stop();
  });

  // A set without hashes gets them when it is read (`hashes-when-read`), so pods without one are none of its newest.
  const hashed = recorded("status").filter(({ name }) => !name.startsWith("missing hash on set and pod"));
  it.each(hashed)("counts the pods as they were counted there: $name", async ({ input, expected }) => {
    const set = input.sidecarSet as KubeObject & { readonly spec: JsonObject };
    const pods = input.pods as unknown as readonly KubeObject[];
    const held = { ...set.spec, updateStrategy: { ...(set.spec.updateStrategy as JsonObject), type: "NotUpdate" } };
    const namespaces = input.namespaces as unknown as readonly KubeObject[];
    const story = await TakenOver.of({ ...set, spec: held } as KubeObject, pods, namespaces);
    const before = await story.untouched();
    await story.run();
    expect(await story.untouched()).toEqual(before);
    const { observedGeneration: _generation, latestRevision: _revision, ...counters } = expected.status as JsonObject;
    expect((await story.set()).status).toMatchObject(counters);
    story.stop();
  });
});

function setOf(object: KubeObject): SidecarSet {
  const parsed = parseSidecarSet(object);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

function factsOf({ input, expected }: RecordedCase): PodFacts {
  return podFacts(podRecord(expected.pod as unknown as Pod), rolloutRules(setOf(input.sidecarSet)));
}

/** The recording was made in the middle of a hot upgrade whose next write is due now. */
function flipsDue(one: RecordedCase): readonly CarriedPair[] {
  return pairsToFlip(factsOf(one));
}

/** OpenKruise leaves a mark there for good; see docs/reference/differences.md. */
function isMarkedWrongly(one: RecordedCase): boolean {
  const facts = factsOf(one);
  return (facts.updated || facts.sameButImages) && isMarkedNotUpgradable(facts.pod, "ss");
}

function isAtRest(one: RecordedCase): boolean {
  return flipsDue(one).length === 0 && !isMarkedWrongly(one);
}

/** Where the first container of the set is a plain sidecar, whose next image will be the only change. */
function canFollow(one: RecordedCase): boolean {
  const { rules, sameButImages } = factsOf(one);
  return sameButImages && rules.set.spec.updateStrategy.type === "RollingUpdate" && rules.sidecars[0]?.hot === false;
}

/** With a time where the recording left it out. */
function recorded(corpus: string): readonly RecordedCase[] {
  const file = new URL(`../golden/cases/${corpus}.json`, import.meta.url);
  const text = readFileSync(file, "utf8").replaceAll("<now>", "2026-07-09T08:00:00Z");
  return JSON.parse(text) as readonly RecordedCase[];
}
