import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { VirtualClock } from "../../../test/virtualClock.ts";
import { createAuthority, issueLeaf } from "../../certificate/authority.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { systemClock } from "../../cluster/environment.ts";
import { MUTATING_WEBHOOKS, NAMESPACES, PODS, VALIDATING_WEBHOOKS } from "../../cluster/resource.ts";
import type { JsonPatch } from "../../core/kube/jsonPatch.ts";
import type { KubeObject } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { ApiServer } from "../apiServer.ts";
import { inMemoryCluster } from "../inMemoryCluster.ts";
import type { AdmissionReview } from "./admissionReview.ts";
import { httpsWebhooks } from "./httpsWebhookCaller.ts";
import { inProcessWebhooks } from "./webhookCaller.ts";

type Answer = (path: string, review: AdmissionReview) => unknown;

function aCluster(answer: Answer): { cluster: Cluster; clock: VirtualClock } {
  const clock = new VirtualClock();
  const environment = { clock, random: Math.random, log: () => {} };
  const server = new ApiServer({ environment, webhooks: inProcessWebhooks(answer) });
  return { cluster: inMemoryCluster(server), clock };
}

function allow({ request }: AdmissionReview, patch?: JsonPatch, warnings?: string[]): unknown {
  const encoded = patch && Buffer.from(JSON.stringify(patch)).toString("base64");
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: {
      uid: request.uid,
      allowed: true,
      ...(encoded ? { patchType: "JSONPatch", patch: encoded } : {}),
      ...(warnings ? { warnings } : {}),
    },
  };
}

function deny({ request }: AdmissionReview, status: object): unknown {
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { uid: request.uid, allowed: false, status },
  };
}

function aWebhook(path: string, extra: object = {}): object {
  return {
    name: `${path}.example.com`,
    clientConfig: { url: `https://127.0.0.1:1/${path}` },
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    ...extra,
  };
}

async function register(
  cluster: Cluster,
  name: string,
  webhooks: object[],
  kind: "Mutating" | "Validating" = "Mutating",
) {
  const configuration = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: `${kind}WebhookConfiguration`,
    metadata: { name },
    webhooks,
  } as KubeObject;
  await cluster.create(kind === "Mutating" ? MUTATING_WEBHOOKS : VALIDATING_WEBHOOKS, configuration);
}

function aPod(labels: Record<string, string> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "default", labels },
    spec: { containers: [{ name: "main", image: "nginx:1" }] },
  };
}

function addContainer(name: string): JsonPatch {
  return [{ op: "add", path: "/spec/containers/-", value: { name, image: "busybox" } }];
}

describe("mutating webhooks", () => {
  it("see the defaulted pod and their additions are defaulted as well", async () => {
    const seen: AdmissionReview[] = [];
    const { cluster } = aCluster((_path, review) => {
      seen.push(review);
      return allow(review, addContainer("sidecar"));
    });
    await register(cluster, "a", [aWebhook("inject")]);
    const pod = await cluster.create<Pod>(PODS, aPod());
    expect(pod.spec.containers[1]).toMatchObject({ name: "sidecar", imagePullPolicy: "Always" });
    expect(seen[0]!.request).toMatchObject({
      operation: "CREATE",
      kind: { group: "", version: "v1", kind: "Pod" },
      resource: { group: "", version: "v1", resource: "pods" },
      name: "web",
      namespace: "default",
      dryRun: false,
      oldObject: null,
      object: { spec: { serviceAccountName: "default", schedulerName: "default-scheduler" } },
    });
  });

  it("are called by configuration name, and again when they asked for it and the pod changed after them", async () => {
    const calls: string[] = [];
    const { cluster } = aCluster((path, review) => {
      calls.push(path);
      return allow(
        review,
        calls.filter((call) => call === path).length === 1 ? addContainer(path.slice(1)) : undefined,
      );
    });
    await register(cluster, "b", [aWebhook("second")]);
    await register(cluster, "a", [aWebhook("first", { reinvocationPolicy: "IfNeeded" }), aWebhook("other")]);
    await cluster.create(PODS, aPod());
    expect(calls).toEqual(["/first", "/other", "/second", "/first"]);
  });

  it("are chosen by namespace and object labels", async () => {
    const calls: string[] = [];
    const { cluster } = aCluster((path, review) => {
      calls.push(path);
      return allow(review);
    });
    await register(cluster, "a", [
      aWebhook("byobject", { objectSelector: { matchLabels: { app: "web" } } }),
      aWebhook("bynamespace", { namespaceSelector: { matchLabels: { team: "shop" } } }),
    ]);
    await cluster.create(PODS, aPod({ app: "web" }), { dryRun: true });
    await cluster.patch(
      NAMESPACES,
      { name: "default" },
      { type: "merge", patch: { metadata: { labels: { team: "shop" } } } },
    );
    await cluster.create(PODS, aPod());
    expect(calls).toEqual(["/byobject", "/bynamespace"]);
  });

  it("that fail stop the request, unless the policy says to ignore them", async () => {
    const { cluster } = aCluster(() => {
      throw new Error("down");
    });
    await register(cluster, "a", [aWebhook("inject")]);
    await expect(cluster.create(PODS, aPod())).rejects.toMatchObject({
      message: 'Internal error occurred: failed calling webhook "inject.example.com": failed to call webhook: down',
      status: { code: 500, reason: "InternalError" },
    });
    await cluster.delete(MUTATING_WEBHOOKS, { name: "a" });
    await register(cluster, "a", [aWebhook("inject", { failurePolicy: "Ignore" })]);
    expect((await cluster.create<Pod>(PODS, aPod())).spec.containers).toHaveLength(1);
  });

  it("that do not answer in time fail", async () => {
    const { cluster, clock } = aCluster(() => new Promise(() => {}));
    await register(cluster, "a", [aWebhook("inject", { timeoutSeconds: 5 })]);
    const refused = expect(cluster.create(PODS, aPod())).rejects.toThrow("context deadline exceeded");
    await clock.advance(5_000);
    await refused;
  });
});

describe("validating webhooks", () => {
  it("deny with their own code and reason under their name", async () => {
    const { cluster } = aCluster((_path, review) =>
      deny(review, { code: 403, reason: "Forbidden", message: "not today" }),
    );
    await register(cluster, "a", [aWebhook("guard")], "Validating");
    await expect(cluster.create(PODS, aPod())).rejects.toMatchObject({
      kind: "forbidden",
      message: 'admission webhook "guard.example.com" denied the request: not today',
    });
  });

  it("hear about deletions with the old object alone", async () => {
    const seen: AdmissionReview[] = [];
    const { cluster } = aCluster((_path, review) => {
      seen.push(review);
      return allow(review);
    });
    const rules = [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["DELETE"], resources: ["*"] }];
    await register(cluster, "a", [aWebhook("guard", { rules })], "Validating");
    await cluster.create(PODS, aPod());
    await cluster.delete(PODS, { namespace: "default", name: "web" });
    expect(seen[0]!.request).toMatchObject({ operation: "DELETE", object: null, oldObject: { kind: "Pod" } });
  });
});

describe("webhooks over HTTPS", () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  it("are verified by the caBundle; one that does not listen is named in Go's words", async () => {
    const now = Date.now();
    const authority = await createAuthority({ commonName: "test", now });
    const leaf = await issueLeaf(authority, {
      commonName: "webhook",
      usage: "server",
      dnsNames: [],
      ipAddresses: ["127.0.0.1"],
      now,
      validDays: 1,
    });
    const listener = createServer({ cert: leaf.certificate, key: leaf.privateKey }, (incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const review = JSON.parse(Buffer.concat(chunks).toString()) as AdmissionReview;
        response.end(JSON.stringify(allow(review, addContainer("sidecar"))));
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const { port } = listener.address() as AddressInfo;
    const webhooks = httpsWebhooks();
    closing.push(
      () => webhooks.close?.(),
      () => listener.close(),
    );
    const server = new ApiServer({ environment: { clock: systemClock, random: Math.random, log: () => {} }, webhooks });
    const cluster = inMemoryCluster(server);
    const caBundle = Buffer.from(authority.certificate).toString("base64");
    const url = `https://127.0.0.1:${port}/inject`;
    await register(cluster, "a", [aWebhook("inject", { clientConfig: { url, caBundle } })]);
    expect((await cluster.create<Pod>(PODS, aPod(), { dryRun: true })).spec.containers).toHaveLength(2);
    await register(cluster, "b", [aWebhook("gone", { clientConfig: { url: "https://127.0.0.1:1/gone", caBundle } })]);
    await expect(cluster.create<Pod>(PODS, aPod())).rejects.toThrow(
      'failed calling webhook "gone.example.com": failed to call webhook: Post "https://127.0.0.1:1/gone?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused',
    );
  });
});
