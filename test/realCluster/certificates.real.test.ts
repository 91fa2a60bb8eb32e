import { once } from "node:events";
import { type AddressInfo, connect as connectTo, createServer, type Server } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { certificatesIn } from "../../src/certificate/pem.ts";
import { LIFETIMES } from "../../src/certificate/planCertificate.ts";
import { type Manager, startManager } from "../../src/cli/startManager.ts";
import { systemClock } from "../../src/cluster/environment.ts";
import {
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PODS,
  SECRETS,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../src/cluster/resource.ts";
import type { WebhookConfiguration } from "../../src/cluster/webhookConfiguration.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { connect, type KubeApi } from "../../src/kubeapi/connect.ts";
import { eventually } from "../contract/fixtures.ts";
import { installSidecarSets } from "../contract/sidecarSetsKind.ts";
import { realKubeconfig } from "./kubeconfigOfRun.ts";

const SYSTEM_NAMESPACE = "certificates-system";
const NAMESPACE = "certificates";
const SECRET = { namespace: SYSTEM_NAMESPACE, name: "sidecarset-webhook-certificate" };
const AT_ONCE = 32;
const OVERLAP_MS = 4_000;
const PATIENCE_MS = 120_000;

const log: { readonly message: string; readonly fields: string }[] = [];
const stop = new AbortController();
const undo: (() => unknown)[] = [];
let cluster: KubeApi;
let replicas: readonly Replica[];

interface Replica {
  readonly manager: Manager;
  readonly port: number;
}

beforeAll(async () => {
  cluster = await connect({ kubeconfig: realKubeconfig(), variables: {} });
  undo.push(() => cluster.close());
  await installSidecarSets(cluster);
  for (const name of [SYSTEM_NAMESPACE, NAMESPACE]) {
    await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    undo.push(() => cluster.delete(NAMESPACES, { name }));
  }
  const ports: number[] = [];
  const service = await startService(ports);
  undo.push(() => service.close());
  undo.push(() => cluster.delete(VALIDATING_WEBHOOKS, { name: "sidecarset-validating" }));
  undo.push(() => cluster.delete(MUTATING_WEBHOOKS, { name: "sidecarset-mutating" }));
  const url = `https://127.0.0.1:${(service.address() as AddressInfo).port}`;
  replicas = await Promise.all([startReplica(url), startReplica(url)]);
  for (const { manager } of replicas) undo.push(() => manager.close());
  ports.push(...replicas.map(({ port }) => port));
  await eventually(() => cluster.create(SIDECAR_SETS, sidecarSet()));
  undo.push(() => cluster.delete(SIDECAR_SETS, { name: "certificates-logging" }));
  await eventually(async () => expect((await createPod()).spec.containers).toHaveLength(2));
}, PATIENCE_MS);

afterAll(async () => {
  for (const step of undo.reverse()) await step();
  stop.abort();
});

it(
  "a rotation of the authority under load refuses no pod and leaves none without its sidecar",
  async () => {
    const before = await standing();
    expect(new Set(before.leaves).size).toBe(1);
    const load = startLoad();
    const judge = startJudge();
    await cluster.delete(SECRETS, SECRET);
    const bundles = await seenUntil(async () => {
      const now = await standing();
      const isOver = certificatesIn(now.bundle).length === 1 && now.bundle !== before.bundle;
      return { bundle: now.bundle, isOver: isOver && now.leaves.every((leaf) => !before.leaves.includes(leaf)) };
    });
    const after = await standing();
    const [{ created, failures }, { handshakes, refused }] = await Promise.all([load.end(), judge.end()]);
    console.log(
      `rotation under load: ${created} pods admitted, ${failures.length} failed; ${handshakes} handshakes verified, ${refused.length} refused; bundles of ${bundles.join(" → ")} authorities`,
    );
    expect(failures).toEqual([]);
    expect(refused).toEqual([]);
    expect(created).toBeGreaterThan(AT_ONCE * 10);
    expect(handshakes).toBeGreaterThan(50);
    expect(bundles).toEqual([1, 2, 1]);
    expect(new Set(after.leaves).size).toBe(1);
    expect(after.leaves).not.toEqual(before.leaves);
    expect(log.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        "a new authority is announced beside the one that signs",
        "the announced authority has signed a new certificate",
        "the authorities before are trusted no more",
      ]),
    );
  },
  PATIENCE_MS,
);

it("no log line holds anything of a private key", async () => {
  const { data } = await cluster.get<KubeObject & { data: Record<string, string> }>(SECRETS, SECRET);
  const keys = Object.entries(data).filter(([name]) => name.endsWith(".key"));
  expect(keys).toHaveLength(2);
  const text = log.map(({ fields }) => fields).join("\n");
  expect(text).toContain("certificateEnds");
  expect(text).not.toContain("PRIVATE KEY");
  for (const [, base64] of keys) {
    const [, line = ""] = Buffer.from(base64, "base64").toString().split("\n");
    expect(line.length).toBeGreaterThan(40);
    expect(text).not.toContain(line);
    expect(text).not.toContain(base64.slice(0, 40));
  }
});

async function startReplica(url: string): Promise<Replica> {
  const manager = await startManager({
    cluster,
    environment: {
      clock: systemClock,
      random: Math.random,
      log: (_level, message, fields) => log.push({ message, fields: JSON.stringify(fields ?? {}) }),
    },
    systemNamespace: SYSTEM_NAMESPACE,
    listen: { host: "127.0.0.1", port: 0 },
    address: { url },
    signal: stop.signal,
    leader: { leaseSeconds: 15 },
    certificates: { from: { kind: "own" }, lifetimes: { ...LIFETIMES, overlapMs: OVERLAP_MS } },
  });
  return { manager, port: Number(new URL(manager.url!).port) };
}

/** As a Service does it: every connection goes to the next replica. */
async function startService(ports: readonly number[]): Promise<Server> {
  let turn = 0;
  const service = createServer((socket) => {
    const port = ports[turn++ % ports.length];
    if (port === undefined) return socket.destroy();
    const behind = connectTo({ host: "127.0.0.1", port });
    for (const [from, to] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      from.on("error", () => to.destroy());
      from.pipe(to);
    }
    return undefined;
  }).listen(0, "127.0.0.1");
  await once(service, "listening");
  return service;
}

function startLoad(): { end(): Promise<{ readonly created: number; readonly failures: readonly string[] }> } {
  let ended = false;
  let created = 0;
  const failures: string[] = [];
  const one = async (): Promise<void> => {
    while (!ended) {
      try {
        const { spec } = await createPod();
        if (spec.containers.length === 2) created += 1;
        else failures.push(`a pod has ${spec.containers.length} containers`);
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  const all = Promise.all(Array.from({ length: AT_ONCE }, one));
  return {
    async end() {
      ended = true;
      await all;
      return { created, failures };
    },
  };
}

/** Greets every replica as an API server does that knows the registration of this moment. */
function startJudge(): { end(): Promise<{ readonly handshakes: number; readonly refused: readonly string[] }> } {
  let ended = false;
  let handshakes = 0;
  const refused: string[] = [];
  const running = (async () => {
    while (!ended) {
      const bundle = await registeredBundle();
      for (const { port } of replicas) {
        await servedBy(port, bundle).then(
          () => (handshakes += 1),
          (error: unknown) => refused.push(String(error)),
        );
      }
    }
  })();
  return {
    async end() {
      ended = true;
      await running;
      return { handshakes, refused };
    },
  };
}

async function standing(): Promise<{ readonly bundle: string; readonly leaves: readonly string[] }> {
  const bundle = await registeredBundle();
  return { bundle, leaves: await Promise.all(replicas.map(({ port }) => servedBy(port, bundle))) };
}

/** @returns how many authorities each bundle had that was seen, in their order */
async function seenUntil(
  look: () => Promise<{ readonly bundle: string; readonly isOver: boolean }>,
): Promise<readonly number[]> {
  const seen: string[] = [];
  const deadline = Date.now() + PATIENCE_MS / 2;
  for (;;) {
    const { bundle, isOver } = await look();
    if (seen.at(-1) !== bundle) seen.push(bundle);
    if (isOver) return seen.map((one) => certificatesIn(one).length);
    if (Date.now() > deadline) throw new Error(`the rotation has not ended; ${log.map(({ message }) => message)}`);
  }
}

async function registeredBundle(): Promise<string> {
  const { webhooks = [] } = await cluster.get<WebhookConfiguration>(MUTATING_WEBHOOKS, { name: "sidecarset-mutating" });
  const [first] = webhooks as readonly { readonly clientConfig: { readonly caBundle: string } }[];
  return Buffer.from(first!.clientConfig.caBundle, "base64").toString();
}

/** @returns the fingerprint of the certificate; rejects when it is not to be trusted */
async function servedBy(port: number, ca: string): Promise<string> {
  const socket = connectTls({ host: "127.0.0.1", port, ca });
  try {
    await once(socket, "secureConnect");
    return socket.getPeerCertificate().fingerprint256;
  } finally {
    socket.destroy();
  }
}

function createPod(): Promise<Pod> {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: "web-", namespace: NAMESPACE, labels: { app: "certificates" } },
    spec: { containers: [{ name: "app", image: "app:1" }] },
  };
  return cluster.create(PODS, pod as Pod, { dryRun: true });
}

function sidecarSet(): KubeObject {
  return {
    apiVersion: "apps.kruise.io/v1beta1",
    kind: "SidecarSet",
    metadata: { name: "certificates-logging" },
    spec: {
      selector: { matchLabels: { app: "certificates" } },
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": NAMESPACE } },
      injectionStrategy: { failurePolicy: "Fail" },
      containers: [{ name: "logtail", image: "logtail:1" }],
    },
  } as KubeObject;
}
