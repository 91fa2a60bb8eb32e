import { once } from "node:events";
import { Agent, request as httpsRequest } from "node:https";
import { connect as connectTcp } from "node:net";
import { connect, type PeerCertificate, type TLSSocket } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { aSidecarSetObject } from "../../test/aSidecarSet.ts";
import { VirtualClock } from "../../test/virtualClock.ts";
import { createAuthority, issueLeaf, type KeyPair } from "../certificate/authority.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ClusterError } from "../cluster/clusterError.ts";
import { CopyStore } from "../cluster/copyStore.ts";
import type { InjectionCopies } from "../cluster/gatherInjection.ts";
import { sidecarSetReader } from "../cluster/readSidecarSet.ts";
import type { Json, KubeObject } from "../core/kube/object.ts";
import { startWebhookServer, type WebhookServer } from "./server.ts";

let authority: KeyPair;
let certificate: KeyPair;
const clock = new VirtualClock();
const environment = { clock, random: () => 0.5, log: () => {} };
const started: WebhookServer[] = [];

beforeAll(async () => {
  authority = await createAuthority({ commonName: "test", now: Date.now() });
  certificate = await aCertificate("first");
});

afterEach(async () => {
  const closing = started.splice(0).map((server) => server.close());
  await clock.advance(60_000);
  await Promise.all(closing);
});

describe("injecting over HTTPS", () => {
  it("a created pod gets its sidecar", async () => {
    const server = await aServer({ sidecarSets: [aSidecarSetObject()] });
    const { code, body } = await post(server, "/mutate-pods?timeout=5s", aReview("u-1", aPodObject()));
    expect(code).toBe(200);
    expect(body).toMatchObject({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" });
    expect(body.response).toMatchObject({ uid: "u-1", allowed: true, patchType: "JSONPatch" });
    expect(patchIn(body).map(({ path }: { path: string }) => path)).toContain("/spec/containers/0");
  });

  it("a pod that no SidecarSet selects passes without a patch", async () => {
    const server = await aServer({ sidecarSets: [aSidecarSetObject({ selector: { matchLabels: { app: "other" } } })] });
    const { body } = await post(server, "/mutate-pods", aReview("u-1", aPodObject()));
    expect(body.response).toEqual({ uid: "u-1", allowed: true });
  });

  it("a pod that cannot be injected is refused with the SidecarSet, the code and the field", async () => {
    const server = await aServer({ sidecarSets: [aSidecarSetObject({ containers: [{ name: "app", image: "x" }] })] });
    const { code, body } = await post(server, "/mutate-pods", aReview("u-1", aPodObject()));
    expect(code).toBe(200);
    expect(body.response).toMatchObject({ uid: "u-1", allowed: false, status: { code: 422, reason: "Invalid" } });
    expect(body.response.status.message).toBe(
      'SidecarSet logging cannot be injected (I11): spec.containers[name=app]: the pod already has a container named "app"; rename one of the two',
    );
  });

  it("requests at the same time each get their own answer", async () => {
    const server = await aServer({ sidecarSets: [aSidecarSetObject()] });
    const uids = Array.from({ length: 60 }, (_, index) => `u-${index}`);
    const answers = await Promise.all(uids.map((uid) => post(server, "/mutate-pods", aReview(uid, aPodObject()))));
    expect(answers.map(({ body }) => body.response.uid)).toEqual(uids);
  });

  it("updates of pods pass", async () => {
    const server = await aServer({ sidecarSets: [aSidecarSetObject()] });
    const { body } = await post(server, "/mutate-pods", aReview("u-1", aPodObject(), { operation: "UPDATE" }));
    expect(body.response).toEqual({ uid: "u-1", allowed: true });
  });
});

describe("a namespace that the copy does not know yet", () => {
  const bound = aSidecarSetObject({ namespaceSelector: { matchLabels: { team: "a" } } });
  const namespace = aNamespace("default", { team: "a" });

  it("is read from the cluster", async () => {
    const server = await aServer({ sidecarSets: [bound], get: async () => namespace });
    const { body } = await post(server, "/mutate-pods", aReview("u-1", aPodObject()));
    expect(body.response.patch).toBeDefined();
  });

  it("matches nothing when the cluster has none of that name", async () => {
    const server = await aServer({
      sidecarSets: [bound],
      get: () => Promise.reject(new ClusterError("notFound", "none")),
    });
    const { body } = await post(server, "/mutate-pods", aReview("u-1", aPodObject()));
    expect(body.response).toEqual({ uid: "u-1", allowed: true });
  });

  it("fails the call when it cannot be read, instead of letting the pod start without sidecars", async () => {
    const server = await aServer({
      sidecarSets: [bound],
      get: () => Promise.reject(new ClusterError("unavailable", "refused")),
    });
    const { code, body } = await post(server, "/mutate-pods", aReview("u-1", aPodObject()));
    expect(code).toBe(503);
    expect(body).toMatchObject({ kind: "Status", status: "Failure", reason: "ServiceUnavailable", message: "refused" });
  });

  it("fails the call when the cluster takes longer than a second", async () => {
    const asked = deferred<void>();
    const get = () => {
      asked.resolve();
      return new Promise<never>(() => {});
    };
    const server = await aServer({ sidecarSets: [bound], get });
    const answer = post(server, "/mutate-pods", aReview("u-1", aPodObject()));
    await asked.promise;
    await clock.advance(1_000);
    expect((await answer).code).toBe(503);
    const metrics = await metricsOf(server);
    expect(metrics).toContain('sidecarset_namespace_reads_total{result="failed"} 1\n');
    expect(metrics).toContain('sidecarset_injections_total{result="failed",reason="unavailable"} 1\n');
  });

  it("is read once for all pods that come meanwhile, and counted", async () => {
    const bothLooked = deferred<void>();
    let lookups = 0;
    let reads = 0;
    const server = await aServer({
      sidecarSets: [bound],
      onNamespaceLookup() {
        lookups += 1;
        if (lookups === 2) bothLooked.resolve();
      },
      async get() {
        reads += 1;
        await bothLooked.promise;
        return namespace;
      },
    });
    const pods = ["u-1", "u-2"].map((uid) => post(server, "/mutate-pods", aReview(uid, aPodObject())));
    for (const { body } of await Promise.all(pods)) expect(body.response.patch).toBeDefined();
    expect(reads).toBe(1);
    expect(await metricsOf(server)).toContain('sidecarset_namespace_reads_total{result="found"} 1\n');
  });

  it("is not asked for when no SidecarSet looks at namespaces", async () => {
    const get = () => Promise.reject(new Error("must not be called"));
    const server = await aServer({ sidecarSets: [aSidecarSetObject()], get });
    expect((await post(server, "/mutate-pods", aReview("u-1", aPodObject()))).code).toBe(200);
  });
});

describe("the metrics", () => {
  it("tell what became of the pods, and how long each webhook took", async () => {
    const paused = aSidecarSetObject({ injectionStrategy: { paused: true } }, { name: "paused" });
    const server = await aServer({ sidecarSets: [aSidecarSetObject(), paused] });
    const stranger = { ...aPodObject(), metadata: { name: "stranger", labels: { app: "db" } } };
    const conflicting = { ...aPodObject(), spec: { containers: [{ name: "logtail", image: "x" }] } };
    for (const pod of [aPodObject(), stranger, conflicting, { ...aPodObject(), spec: 7 }]) {
      await post(server, "/mutate-pods", aReview("u-1", pod));
    }
    await post(server, "/validate-sidecarsets", aSidecarSetReview(aSidecarSetObject()));
    const lines = (await metricsOf(server)).split("\n");
    expect(lines.filter((line) => line.startsWith("sidecarset_injections_total"))).toEqual([
      'sidecarset_injections_total{result="injected",reason=""} 1',
      'sidecarset_injections_total{result="skipped",reason="I03"} 1',
      'sidecarset_injections_total{result="unchanged",reason=""} 1',
      'sidecarset_injections_total{result="refused",reason="I11"} 1',
      'sidecarset_injections_total{result="refused",reason="invalid"} 1',
    ]);
    expect(lines).toContain('sidecarset_admission_seconds_count{webhook="mutate-pods"} 4');
    expect(lines).toContain('sidecarset_admission_seconds_count{webhook="validate-sidecarsets"} 1');
  });

  it("are those of one server, not of the process", async () => {
    const [used, unused] = [await aServer({}), await aServer({})];
    await post(used, "/mutate-pods", aReview("u-1", aPodObject()));
    expect(await metricsOf(unused)).not.toContain('webhook="mutate-pods"');
  });
});

describe("admitting a SidecarSet", () => {
  it.each(["v1beta1", "v1alpha1"])("writes nothing but the two hashes into a %s object", async (version) => {
    const server = await aServer({});
    const object = { ...aSidecarSetObject(), apiVersion: `apps.kruise.io/${version}` };
    const { body } = await post(server, "/mutate-sidecarsets", aSidecarSetReview(object));
    expect(patchIn(body)).toEqual([
      {
        op: "add",
        path: "/metadata/annotations/kruise.io~1sidecarset-hash",
        value: expect.stringMatching(/^[a-z0-9]{64}$/),
      },
      { op: "add", path: "/metadata/annotations/kruise.io~1sidecarset-hash-without-image", value: expect.any(String) },
    ]);
  });

  it("writes nothing when the hashes are right", async () => {
    const server = await aServer({});
    const first = await post(
      server,
      "/mutate-sidecarsets",
      aSidecarSetReview(aSidecarSetObject({}, { annotations: null })),
    );
    const [{ value: annotations }] = patchIn(first.body);
    const { body } = await post(
      server,
      "/mutate-sidecarsets",
      aSidecarSetReview(aSidecarSetObject({}, { annotations })),
    );
    expect(body.response).toEqual({ uid: "u-1", allowed: true });
  });

  it.each(["/mutate-sidecarsets", "/validate-sidecarsets"])("%s names the field with the wrong type", async (path) => {
    const server = await aServer({});
    const spec = { updateStrategy: { selector: { matchLabels: [{ canary: "true" }] } } };
    const { body } = await post(server, path, aSidecarSetReview(aSidecarSetObject(spec)));
    expect(body.response).toMatchObject({ allowed: false, status: { code: 422, reason: "Invalid" } });
    expect(body.response.status.details.causes[0].field).toBe("spec.updateStrategy.selector.matchLabels");
    expect(body.response.status.message).toContain('SidecarSet.apps.kruise.io "logging" is invalid');
  });

  it("refuses a value that makes no sense, a typo never turns into a default", async () => {
    const server = await aServer({});
    const object = aSidecarSetObject({ updateStrategy: { partition: "abc" } });
    const { body } = await post(server, "/validate-sidecarsets", aSidecarSetReview(object));
    const causes = body.response.status.details.causes;
    expect(causes).toMatchObject([{ field: "spec.updateStrategy.partition", reason: "FieldValueInvalid" }]);
  });

  it("refuses a container name that another SidecarSet brings to the same pods", async () => {
    const server = await aServer({ sidecarSets: [aSidecarSetObject({}, { name: "other" })] });
    const { body } = await post(server, "/validate-sidecarsets", aSidecarSetReview(aSidecarSetObject()));
    expect(body.response.status.message).toContain("other");
    expect(body.response.status.details.causes[0].field).toBe("spec.containers[0].name");
  });

  it.each([
    ["without a white list", () => Promise.reject(new ClusterError("notFound", "none")), false],
    ["with a white list that allows it", async () => aWhitelist("^team/"), true],
    ["with a white list that does not", async () => aWhitelist("^other/"), false],
  ])("patching pod annotations %s", async (_, get, allowed) => {
    const server = await aServer({ get });
    const object = aSidecarSetObject({ patchPodMetadata: [{ annotations: { "team/owner": "infra" } }] });
    const { body } = await post(server, "/validate-sidecarsets", aSidecarSetReview(object));
    expect(body.response.allowed).toBe(allowed);
  });

  it("says where the white list should be when it is not there or cannot be read", async () => {
    const place =
      "ConfigMap kruise-configuration in namespace sidecarset-system, key SidecarSet_PatchPodMetadata_WhiteList";
    for (const kind of ["notFound", "forbidden", "unavailable"] as const) {
      const server = await aServer({ get: () => Promise.reject(new ClusterError(kind, "refused")) });
      const object = aSidecarSetObject({ patchPodMetadata: [{ annotations: { "team/owner": "infra" } }] });
      const { body } = await post(server, "/validate-sidecarsets", aSidecarSetReview(object));
      expect(body.response).toMatchObject({ allowed: false, status: { code: 422 } });
      expect(body.response.status.message).toContain(place);
    }
  });

  it("warns of what is legal but hurts, in the validating answer alone", async () => {
    const server = await aServer({});
    const object = aSidecarSetObject({ updateStrategy: { maxUnavailable: 0 } });
    const { body } = await post(server, "/validate-sidecarsets", aSidecarSetReview(object));
    const warnings = [expect.stringMatching(/^L01: spec\.updateStrategy\.maxUnavailable: 0 lets no ready pod/)];
    expect(body.response).toEqual({ uid: "u-1", allowed: true, warnings });
    const mutating = await post(server, "/mutate-sidecarsets", aSidecarSetReview(object));
    expect(mutating.body.response.warnings).toBeUndefined();
  });

  it("warns of a change that running pods cannot follow, and not when nothing changes", async () => {
    const server = await aServer({});
    const oldObject = aSidecarSetObject();
    const object = aSidecarSetObject({ containers: [{ name: "logtail", image: "logtail:2", args: ["-v"] }] });
    const change = aSidecarSetReview(object, { operation: "UPDATE", oldObject });
    const { body } = await post(server, "/validate-sidecarsets", change);
    expect(body.response.warnings).toEqual([expect.stringMatching(/^L02: spec\.containers\[0\]\.args: /)]);
    const same = aSidecarSetReview(object, { operation: "UPDATE", oldObject: object });
    expect((await post(server, "/validate-sidecarsets", same)).body.response).toEqual({ uid: "u-1", allowed: true });
  });

  it("warns of namespaces that do not exist", async () => {
    const server = await aServer({});
    const object = aSidecarSetObject({ namespaceSelector: { matchLabels: { team: "a" } } });
    const { body } = await post(server, "/validate-sidecarsets", aSidecarSetReview(object));
    expect(body.response.warnings).toEqual([expect.stringMatching(/^L04: spec\.namespaceSelector: /)]);
  });

  it("says nothing but the errors of what is refused", async () => {
    const server = await aServer({});
    const object = aSidecarSetObject({ updateStrategy: { maxUnavailable: 0, partition: "abc" } });
    const { body } = await post(server, "/validate-sidecarsets", aSidecarSetReview(object));
    expect(body.response).toEqual({ uid: "u-1", allowed: false, status: expect.anything() });
  });

  it("lets an object that is being deleted lose its finalizers whatever it contains", async () => {
    const server = await aServer({});
    const object = aSidecarSetObject({ containers: "none" }, { deletionTimestamp: "2026-07-01T00:00:00Z" });
    const { body } = await post(server, "/validate-sidecarsets", aSidecarSetReview(object));
    expect(body.response.allowed).toBe(true);
  });
});

describe("requests that are no admission reviews", () => {
  it.each([
    ["no JSON", "{", "the body is no JSON object"],
    [
      "another kind",
      '{"kind":"Pod","apiVersion":"v1"}',
      "an AdmissionReview of admission.k8s.io/v1 is expected, this is Pod of v1",
    ],
    [
      "no request",
      '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}',
      "the AdmissionReview has no request",
    ],
    ["no uid", aReview("", aPodObject()), "request.uid is missing"],
  ])("%s is a bad request", async (_, text, message) => {
    const server = await aServer({});
    const { code, body } = await post(server, "/mutate-pods", text);
    expect(code).toBe(400);
    expect(body).toMatchObject({
      kind: "Status",
      code: 400,
      reason: "BadRequest",
      message: expect.stringContaining(message),
    });
  });

  it("a pod of a wrong shape is refused with its fields", async () => {
    const server = await aServer({ sidecarSets: [aSidecarSetObject()] });
    const pod = { ...aPodObject(), spec: { containers: [{ name: "app", env: "A=1" }, null] } };
    const { body } = await post(server, "/mutate-pods", aReview("u-1", pod));
    const fields = body.response.status.details.causes.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(["spec.containers[0].env", "spec.containers[1]"]);
  });

  it("an unknown path is not found", async () => {
    expect((await post(await aServer({}), "/mutate", "{}")).code).toBe(404);
  });

  it("another method is not allowed", async () => {
    expect((await send(await aServer({}), { method: "GET", path: "/mutate-pods" })).code).toBe(405);
  });

  it("another content type is not supported", async () => {
    const server = await aServer({});
    const answer = await send(server, {
      method: "POST",
      path: "/mutate-pods",
      headers: { "content-type": "text/xml" },
      body: ["{}"],
    });
    expect(answer.code).toBe(415);
  });

  it("a body over the limit is refused, whether it says its length or not", async () => {
    const server = await aServer({});
    const megabyte = "x".repeat(1024 * 1024);
    const body = [megabyte, megabyte, megabyte, megabyte];
    const length = { "content-length": String(4 * 1024 * 1024) };
    for (const headers of [JSON_TYPE, { ...JSON_TYPE, ...length }]) {
      const answer = await send(server, { method: "POST", path: "/mutate-pods", headers, body });
      expect(answer.code).toBe(413);
      expect(answer.body.message).toContain("larger than 3 MiB");
    }
    expect((await post(server, "/mutate-pods", aReview("u-2", aPodObject()))).code).toBe(200);
  });

  it("garbage and callers that hang up do not end the server", async () => {
    const server = await aServer({});
    await rawExchange(server, "GARBAGE\r\n\r\n");
    await rawExchange(
      server,
      `POST /mutate-pods HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"a"`,
    );
    expect((await post(server, "/mutate-pods", aReview("u-2", aPodObject()))).code).toBe(200);
  });
});

describe("the life of the server", () => {
  it("is alive at once and ready when the SidecarSets have been read", async () => {
    const server = await aServer({ synced: false });
    expect((await send(server, { method: "GET", path: "/livez" })).code).toBe(200);
    expect((await send(server, { method: "GET", path: "/readyz" })).code).toBe(503);
    expect((await post(server, "/mutate-pods", aReview("u-1", aPodObject()))).code).toBe(503);
    expect((await send(await aServer({}), { method: "GET", path: "/readyz" })).code).toBe(200);
  });

  it("shows a new certificate to new connections", async () => {
    const server = await aServer({});
    server.setCertificate(await aCertificate("second"));
    expect((await peerOf(server)).subject.CN).toBe("second");
  });

  it("answers what is under way before it is closed", async () => {
    const asked = deferred<void>();
    const namespace = deferred<KubeObject>();
    const server = await aServer({
      sidecarSets: [aSidecarSetObject({ namespaceSelector: { matchLabels: { team: "a" } } })],
      get() {
        asked.resolve();
        return namespace.promise;
      },
    });
    const answer = post(server, "/mutate-pods", aReview("u-1", aPodObject()));
    await asked.promise;
    const closed = server.close();
    namespace.resolve(aNamespace("default", { team: "a" }));
    expect((await answer).body.response.patch).toBeDefined();
    await closed;
    await expect(send(server, { method: "GET", path: "/livez" })).rejects.toThrow("ECONNREFUSED");
  });

  it("a kept connection with a request under way does not hold the close up beyond its answer", async () => {
    const asked = deferred<void>();
    const namespace = deferred<KubeObject>();
    const server = await aServer({
      sidecarSets: [aSidecarSetObject({ namespaceSelector: { matchLabels: { team: "a" } } })],
      get() {
        asked.resolve();
        return namespace.promise;
      },
    });
    const agent = new Agent({ keepAlive: true });
    const answer = post(server, "/mutate-pods", aReview("u-1", aPodObject()), agent);
    await asked.promise;
    const closed = server.close();
    namespace.resolve(aNamespace("default", { team: "a" }));
    await answer;
    await closed;
    agent.destroy();
  });

  it("before it ends, it answers as before and keeps no connection, so that none is cut with a request on its way", async () => {
    const server = await aServer({ sidecarSets: [aSidecarSetObject()] });
    const agent = new Agent({ keepAlive: true });
    const injected = async () =>
      (await post(server, "/mutate-pods", aReview("u-1", aPodObject()), agent)).body.response.patch;
    expect(await injected()).toBeDefined();
    expect(await keptBy(agent)).toBe(1);
    server.drain();
    for (let call = 0; call < 3; call++) {
      expect(await injected()).toBeDefined();
      expect(await keptBy(agent)).toBe(0);
    }
    agent.destroy();
  });

  it("a connection that never says a word does not hold the close up beyond the grace", async () => {
    const server = await aServer({});
    const silent = connectTcp({ host: "127.0.0.1", port: server.port });
    await once(silent, "connect");
    const closed = server.close();
    await clock.advance(10_000);
    await closed;
    silent.destroy();
  });

  it("says which port is taken", async () => {
    const { port } = await aServer({});
    await expect(aServer({ port })).rejects.toThrow(`EADDRINUSE: address already in use 127.0.0.1:${port}`);
  });
});

const JSON_TYPE = { "content-type": "application/json" };

interface Setting {
  readonly sidecarSets?: readonly object[];
  readonly get?: () => Promise<KubeObject>;
  readonly onNamespaceLookup?: () => void;
  readonly synced?: boolean;
  readonly port?: number;
}

async function aServer({
  sidecarSets = [],
  get,
  onNamespaceLookup = () => {},
  synced = true,
  port = 0,
}: Setting): Promise<WebhookServer> {
  const copies = copiesOf(sidecarSets, synced);
  const { namespaces } = copies;
  const server = await startWebhookServer({
    host: "127.0.0.1",
    port,
    certificate,
    copies: {
      ...copies,
      namespaces: {
        hasSynced: () => namespaces.hasSynced(),
        synced: namespaces.synced,
        get(name) {
          onNamespaceLookup();
          return namespaces.get(name);
        },
        values: () => namespaces.values(),
        subscribe: (listener) => namespaces.subscribe(listener),
      },
    },
    cluster: { get: (get ?? (() => Promise.reject(new ClusterError("notFound", "none")))) as Cluster["get"] },
    environment,
    systemNamespace: "sidecarset-system",
  });
  started.push(server);
  return server;
}

function copiesOf(sidecarSets: readonly object[], synced: boolean): InjectionCopies {
  const sets = new CopyStore(sidecarSetReader(environment.log), () => {});
  const namespaces = new CopyStore(
    (object: KubeObject) => object,
    () => {},
  );
  const revisions = new CopyStore(
    (object: never) => object,
    () => {},
  );
  if (synced) {
    const staged = sets.stage();
    for (const object of sidecarSets) sets.addTo(staged, object as KubeObject);
    sets.replace(staged);
    namespaces.replace(namespaces.stage());
    revisions.replace(revisions.stage());
  }
  return { sidecarSets: sets, namespaces, revisions };
}

function aWhitelist(pattern: string): KubeObject {
  const rules = JSON.stringify({ rules: [{ allowedAnnotationKeyExprs: [pattern] }] });
  const data = { SidecarSet_PatchPodMetadata_WhiteList: rules };
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kruise-configuration" }, data } as KubeObject;
}

function aNamespace(name: string, labels: Record<string, string>): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

function aPodObject() {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: "web-", labels: { app: "web" } },
    spec: { containers: [{ name: "app", image: "app:1" }] },
  };
}

function aReview(uid: string, object: object, fields: object = {}): string {
  const resource = { group: "", version: "v1", resource: "pods" };
  const request = { uid, operation: "CREATE", resource, namespace: "default", object, ...fields };
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
}

function aSidecarSetReview(object: object, fields: object = {}): string {
  const resource = { group: "apps.kruise.io", version: "v1beta1", resource: "sidecarsets" };
  return aReview("u-1", object, { resource, namespace: "", name: "logging", ...fields });
}

function aCertificate(commonName: string): Promise<KeyPair> {
  return issueLeaf(authority, { commonName, usage: "server", ipAddresses: ["127.0.0.1"], now: Date.now() });
}

interface Answer {
  readonly code: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever came over the wire
  readonly body: any;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever came over the wire
function patchIn(body: any): any {
  return JSON.parse(Buffer.from(body.response.patch, "base64").toString()) as Json;
}

function post(server: WebhookServer, path: string, body: string, agent?: Agent): Promise<Answer> {
  return send(server, { method: "POST", path, headers: JSON_TYPE, body: [body], ...(agent && { agent }) });
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: readonly string[];
  readonly agent?: Agent;
}

function send({ port }: WebhookServer, { body = [], ...options }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      { host: "127.0.0.1", port, ca: authority.certificate, agent: false, ...options },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = incoming.headers["content-type"] === "application/json";
          resolve({ code: incoming.statusCode ?? 0, body: isJson ? JSON.parse(text) : text });
        });
      },
    );
    outgoing.on("error", reject);
    for (const chunk of body) outgoing.write(chunk);
    outgoing.end();
  });
}

/** Connections that are open for its next requests; what an answer does to its connection is done a turn later. */
async function keptBy({ freeSockets }: Agent): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  return Object.values(freeSockets).flat().length;
}

async function metricsOf(server: WebhookServer): Promise<string> {
  return (await send(server, { method: "GET", path: "/metrics" })).body;
}

/** Writes bytes, hangs up as soon as they are out. */
function rawExchange({ port }: WebhookServer, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, ca: authority.certificate }, () => {
      socket.write(bytes, () => socket.destroy());
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve());
  });
}

function peerOf({ port }: WebhookServer): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ host: "127.0.0.1", port, ca: authority.certificate }, () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
