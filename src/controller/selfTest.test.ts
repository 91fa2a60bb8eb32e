import { afterEach, describe, expect, it } from "vitest";
import { VirtualClock } from "../../test/virtualClock.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import type { Environment } from "../cluster/environment.ts";
import { MUTATING_WEBHOOKS, NAMESPACES, PODS } from "../cluster/resource.ts";
import type { KubeObject } from "../core/kube/object.ts";
import { SELF_TEST_TOKEN } from "../core/sidecarSet/annotations.ts";
import { inProcessWebhooks } from "../simulator/admission/webhookCaller.ts";
import { ApiServer } from "../simulator/apiServer.ts";
import { inMemoryCluster } from "../simulator/inMemoryCluster.ts";
import { SelfTest } from "./selfTest.ts";

const stop: AbortController[] = [];
afterEach(() => {
  for (const one of stop.splice(0)) one.abort();
});

describe("the self-test", () => {
  it("finds the webhook reached as long as it marks the pod that nobody runs", async () => {
    const world = await aWorld();
    await world.clock.advance(95_000);
    expect(world.asked).toBe(4);
    expect(world.test.reached).toBe(true);
    expect(world.test.lastSuccess).toBe(world.began + 90_000);
    expect((await world.cluster.list(PODS)).items).toEqual([]);
    expect(world.logged).toEqual(["info the API server reaches the webhook"]);
  });

  it("tells once when it is not reached any more and once when it is again, and remembers for how long", async () => {
    const world = await aWorld();
    await world.clock.advance(1_000);
    world.answers = "nothing";
    await world.clock.advance(120_000);
    expect(world.test.reached).toBe(false);
    world.answers = "proof";
    await world.clock.advance(60_000);
    expect(world.logged.slice(1)).toEqual([
      "error the API server does not reach the webhook",
      "info the API server reaches the webhook again",
    ]);
    expect(world.test.windows.map(({ found }) => found)).toEqual(["reached", "missed", "reached"]);
    const [, down, up] = world.test.windows;
    expect(down!.from - world.began).toBe(32_000);
    expect(up!.from - down!.from).toBeGreaterThan(90_000);
    expect(down!.until).toBeLessThan(up!.from);
  });

  it("is not deceived by the mark of another test, nor alarmed by a single failure", async () => {
    const world = await aWorld({ answers: "an old proof" });
    await world.clock.advance(10_000);
    expect(world.test.reached).toBe(false);
    world.answers = "proof";
    await world.clock.advance(30_000);
    world.answers = "nothing, once";
    await world.clock.advance(60_000);
    expect(world.test.reached).toBe(true);
    expect(world.test.windows).toHaveLength(2);
  });

  it.each([
    ["does not answer", { deaf: true }, undefined],
    ["is away", {}, new ClusterError("unavailable", "connection refused")],
  ])("knows nothing while the API server %s, and remembers since when", async (_what, start, refusal) => {
    const world = await aWorld(start);
    world.refusal = refusal;
    await world.clock.advance(60_000);
    expect([world.test.reached, world.test.running]).toEqual([undefined, true]);
    const error = refusal?.message ?? "the API server does not answer";
    expect(world.logged.filter((line) => !line.startsWith("info"))).toEqual([
      `warn the self-test cannot be made: ${error}`,
    ]);
    expect(world.test.windows.at(-1)).toMatchObject({ found: "unanswered", error });
  });

  it("is not running any more when this process leads no more", async () => {
    const world = await aWorld();
    await world.clock.advance(1_000);
    expect(world.test.running).toBe(true);
    for (const one of stop.splice(0)) one.abort();
    await world.clock.advance(1_000);
    expect([world.test.running, world.test.reached]).toEqual([false, true]);
  });

  it("says that it cannot test where the API server refuses the pod for reasons of its own, and keeps what it found", async () => {
    const world = await aWorld();
    await world.clock.advance(1_000);
    world.refusal = new ClusterError("forbidden", "exceeded quota");
    await world.clock.advance(90_000);
    expect(world.test.windows).toHaveLength(1);
    expect(world.test.reached).toBe(true);
    world.refusal = undefined;
    await world.clock.advance(60_000);
    world.refusal = new ClusterError("forbidden", "exceeded quota");
    await world.clock.advance(60_000);
    const told = "warn the self-test cannot be made: exceeded quota";
    expect(world.logged).toEqual(["info the API server reaches the webhook", told, told]);
  });
});

type Answers = "proof" | "nothing" | "nothing, once" | "an old proof";

async function aWorld(start: { readonly deaf?: boolean; readonly answers?: Answers } = {}) {
  const { deaf = false, answers = "proof" } = start;
  const clock = new VirtualClock();
  const logged: string[] = [];
  const log: Environment["log"] = (level, message, fields) => {
    if (message === "the self-test cannot be made") logged.push(`${level} ${message}: ${fields?.error}`);
    else if (level !== "warn") logged.push(`${level} ${message}`);
  };
  let draws = 0;
  const environment = { clock, random: () => (draws++ % 97) / 97, log };
  const webhooks = inProcessWebhooks((_path, { request }) => {
    world.asked++;
    const token = (request.object as KubeObject).metadata.annotations?.[SELF_TEST_TOKEN] ?? "";
    const proof = { proof: token, "an old proof": "123-456" }[world.answers as string];
    if (world.answers === "nothing, once") world.answers = "proof";
    const path = "/metadata/annotations/sidecarset.kruise.io~1self-test-proof";
    const patch = Buffer.from(JSON.stringify([{ op: "add", path, value: proof }])).toString("base64");
    const answer = proof === undefined ? {} : { patchType: "JSONPatch", patch };
    const response = { uid: request.uid, allowed: true, ...answer };
    return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response };
  });
  const cluster = inMemoryCluster(new ApiServer({ environment, webhooks }));
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: "own" } });
  await cluster.create(MUTATING_WEBHOOKS, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "m" },
    webhooks: [
      {
        name: "selftest.test.io",
        clientConfig: { url: "https://inside/self-test" },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        objectSelector: { matchLabels: { "sidecarset.kruise.io/self-test": "true" } },
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      },
    ],
  } as KubeObject);
  const controller = new AbortController();
  stop.push(controller);
  const world = {
    clock,
    cluster,
    logged,
    test: new SelfTest(),
    began: clock.now(),
    asked: 0,
    answers,
    refusal: undefined as ClusterError | undefined,
  };
  const answering: Pick<Cluster, "create"> = {
    create: async (...asked) => {
      if (world.refusal) throw world.refusal;
      return cluster.create(...asked);
    },
  };
  const reachedBy = deaf ? { create: () => new Promise<never>(() => {}) } : answering;
  void world.test.run({ cluster: reachedBy, environment, namespace: "own", signal: controller.signal });
  return world;
}
