import { X509Certificate } from "node:crypto";
import { setMaxListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VirtualClock } from "../../../test/virtualClock.ts";
import { certificatesIn } from "../../certificate/pem.ts";
import { LIFETIMES } from "../../certificate/planCertificate.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { ClusterError } from "../../cluster/clusterError.ts";
import type { Environment } from "../../cluster/environment.ts";
import { NAMESPACES, SECRETS } from "../../cluster/resource.ts";
import {
  CONFIGURATION_TYPES,
  storeConfiguration,
  type WebhookConfiguration,
} from "../../cluster/webhookConfiguration.ts";
import { NO_WEBHOOKS } from "../../simulator/admission/webhookCaller.ts";
import { ApiServer } from "../../simulator/apiServer.ts";
import { inMemoryCluster } from "../../simulator/inMemoryCluster.ts";
import { CONFIGURATION_NAMES, webhookConfigurations } from "../registration.ts";
import type { Secret } from "./certificateSecret.ts";
import type { Certificates } from "./certificates.ts";
import { CERTIFICATE_SECRET, ownCertificate } from "./ownCertificate.ts";
import { followRegisteredBundles, type RegisteredBundles } from "./registeredBundles.ts";
import { servedCertificate } from "./servedCertificate.ts";

const NAMESPACE = "kruise-system";
const NAME = { namespace: NAMESPACE, name: CERTIFICATE_SECRET };
const HOUR_MS = 3_600_000;
/** A year of renewed watches would take minutes to play. */
const SHORT = { ...LIFETIMES, leafMs: 3 * HOUR_MS };

let clock: VirtualClock;
let cluster: Cluster;
let stop: AbortController;
/** Of the registered bundles. */
let listeners: number;
let lines: {
  readonly level: string;
  readonly message: string;
  readonly reason?: unknown;
  readonly because?: unknown;
}[];
let environment: Environment;

beforeEach(async () => {
  clock = new VirtualClock();
  stop = new AbortController();
  setMaxListeners(0, stop.signal);
  lines = [];
  listeners = 0;
  environment = {
    clock,
    random: () => 0.5,
    log: (level, message, fields) => lines.push({ level, message, ...fields }),
  };
  cluster = inMemoryCluster(new ApiServer({ environment, webhooks: NO_WEBHOOKS }));
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
});

afterEach(async () => {
  stop.abort();
  await clock.advance(0);
});

describe("the certificate in our own Secret", () => {
  it("is made once by replicas that start at the same time", async () => {
    const replicas = [aReplica(), aReplica(), aReplica()];
    const all = await eventually(() => replicas.map(({ certificates }) => certificates.current()?.certificate));
    expect(new Set(all).size).toBe(1);
    expect((await stored()).type).toBe("kubernetes.io/tls");
    expect(lines.filter(({ message }) => message === "a new authority and its certificate are made")).toHaveLength(1);
  });

  it("is renewed by the leader when a third of its life is left, and every replica serves the new one", async () => {
    const [leader, follower] = [aReplica(undefined, SHORT), aReplica(undefined, SHORT)];
    const [first] = await eventually(() => [leader.certificates.current()]);
    await lead(leader);
    await clock.advance(1.99 * HOUR_MS);
    expect(follower.certificates.current()?.certificate).toBe(first?.certificate);
    await clock.advance(0.02 * HOUR_MS);
    await eventually(() => [follower, leader].map(({ certificates }) => other(certificates, first?.certificate)));
    expect(follower.certificates.current()?.authority).toBe(first?.authority);
    expect(told("a new certificate is made by the same authority")).toEqual(["leafEnds"]);
  });

  it("whose Secret is deleted is kept while a new authority takes over, with the overlap at each step", async () => {
    const [leader, follower] = [aReplica(), aReplica()];
    await eventually(() => [leader.certificates.current(), follower.certificates.current()]);
    await lead(leader);
    await register(leader);
    const [first] = await eventually(() => [follower.certificates.current()]);
    await cluster.delete(SECRETS, NAME);
    await eventually(() => [authorities(follower) === 2 || undefined]);
    expect(follower.certificates.current()?.certificate).toBe(first?.certificate);
    await clock.advance(LIFETIMES.overlapMs * 0.5);
    expect(follower.certificates.current()?.certificate).toBe(first?.certificate);
    await clock.advance(LIFETIMES.overlapMs * 0.6);
    await eventually(() => [other(follower.certificates, first?.certificate)]);
    expect(authorities(follower)).toBe(2);
    await clock.advance(LIFETIMES.overlapMs * 1.1);
    await eventually(() => [authorities(follower) === 1 || undefined]);
    expect(told("a new authority is announced beside the one that signs")).toEqual(["secretMissing"]);
    expect(lines.filter(({ message }) => message === "the rotation waits for the overlap")).toHaveLength(2);
    const leaf = new X509Certificate(follower.certificates.current()!.certificate);
    expect(leaf.checkIssued(new X509Certificate(follower.certificates.current()!.authority))).toBe(true);
  });

  it.each([
    ["C02", "has lost a key", (data: Data) => without(data, "authority.key")],
    ["C03", "holds garbage", (data: Data) => ({ ...data, "tls.crt": base64("garbage") })],
    ["C04", "mixes keys", (data: Data) => ({ ...data, "tls.key": data["authority.key"]! })],
    ["C05", "trusts others", (data: Data) => ({ ...data, "ca.crt": base64("somebody's") })],
  ])("tells %s of a Secret that %s, serves on, and the leader mends it", async (code, _what, break_) => {
    const [leader, follower] = [aReplica(), aReplica()];
    const [first] = await eventually(() => [follower.certificates.current(), leader.certificates.current()]);
    await lead(leader);
    const secret = await stored();
    await cluster.update<Secret>(SECRETS, { ...secret, data: { ...break_(secret.data!), theirs: base64("kept") } });
    await eventually(() => [authorities(follower) === 2 || undefined]);
    expect(follower.certificates.current()?.certificate).toBe(first?.certificate);
    const refusals = lines.filter(({ message }) => message.startsWith("the certificate Secret cannot be used"));
    expect(new Set(refusals.map(({ reason }) => reason))).toEqual(new Set([code]));
    expect((await stored()).data?.theirs).toBe(base64("kept"));
  });

  it("is made anew by whoever starts with one that cannot be served, and waits for the registration where another still serves", async () => {
    const old = aReplica();
    const [first] = await eventually(() => [old.certificates.current()]);
    await register(old);
    await clock.advance(1_000);
    await cluster.update<Secret>(SECRETS, { ...(await stored()), data: { "tls.crt": "", "tls.key": "" } });
    const young = aReplica();
    await eventually(() => [other(young.certificates, first?.certificate)]);
    await eventually(() => [authorities(old) === 2 || undefined]);
    await eventually(() => [other(old.certificates, first?.certificate)]);
    expect(told("a new certificate waits for the registration")).toEqual(["registration"]);
  });

  it("is mended also when it is lost while the leader looks at it", async () => {
    const held = aHeldReading();
    const leader = aReplica(undefined, undefined, held.cluster);
    await eventually(() => [leader.certificates.current()]);
    await register(leader);
    await clock.advance(1_000);
    held.hold();
    const begun = leader.lead();
    await clock.advance(1_000);
    await cluster.delete(SECRETS, NAME);
    await clock.advance(1_000);
    held.release();
    await begun;
    await eventually(() => [authorities(leader) === 2 || undefined]);
    expect(told("a new authority is announced beside the one that signs")).toEqual(["secretMissing"]);
  });

  it("is made by the leader and by who starts at once, without a word of trouble", async () => {
    const held = aHeldReading();
    held.hold();
    const leader = aReplica(undefined, undefined, held.cluster);
    const begun = leader.lead();
    await clock.advance(1_000);
    held.release();
    await eventually(() => [leader.certificates.current()]);
    await begun;
    expect(lines.filter(({ level }) => level !== "info")).toEqual([]);
  });

  it("is listened to no more by a leader that could not begin, and by one that leads no more", async () => {
    const held = aHeldReading();
    const leader = aReplica(undefined, undefined, held.cluster);
    await eventually(() => [leader.certificates.current()]);
    const before = listeners;
    held.refuse();
    await expect(leader.lead()).rejects.toThrow("refused");
    expect(listeners).toBe(before);
    held.release();
    await leader.lead();
    expect(listeners).toBe(before + 1);
    stop.abort();
    await clock.advance(0);
    expect(listeners).toBe(before);
  });

  it("tells once what its rotation waits for, however often somebody changes the registration", async () => {
    const leader = aReplica();
    await eventually(() => [leader.certificates.current()]);
    await lead(leader);
    await register(leader);
    await cluster.delete(SECRETS, NAME);
    await eventually(() => [authorities(leader) === 2 || undefined]);
    await clock.advance(1_000);
    const name = CONFIGURATION_NAMES.mutating;
    for (let round = 0; round < 3; round++) {
      const right = await cluster.get<WebhookConfiguration>(CONFIGURATION_TYPES.mutating, { name });
      const wrong = right.webhooks!.map((webhook) => ({ ...webhook, clientConfig: { url: "https://theirs" } }));
      const theirs = await cluster.update(CONFIGURATION_TYPES.mutating, { ...right, webhooks: wrong });
      await clock.advance(1_000);
      await cluster.update(CONFIGURATION_TYPES.mutating, { ...theirs, webhooks: right.webhooks! });
      await clock.advance(1_000);
    }
    expect(told("the rotation waits for the registration")).toHaveLength(1);
    expect(told("the rotation waits for the overlap")).toHaveLength(1);
  });

  it("gets the names that the leader is to be called by", async () => {
    const former = aReplica(["former.svc"]);
    await eventually(() => [former.certificates.current()]);
    const leader = aReplica(["webhook.svc", "former.svc"]);
    await eventually(() => [leader.certificates.current()]);
    await lead(leader);
    const names = (): string => new X509Certificate(former.certificates.current()!.certificate).subjectAltName ?? "";
    await eventually(() => [names() === "DNS:webhook.svc, DNS:former.svc" || undefined]);
    expect(told("a new certificate is made by the same authority")).toEqual(["namesChanged"]);
  });

  it("never stands in a log with its keys", async () => {
    const leader = aReplica();
    await eventually(() => [leader.certificates.current()]);
    await lead(leader);
    const secret = await stored();
    await cluster.update<Secret>(SECRETS, {
      ...secret,
      data: { ...secret.data, "tls.key": secret.data!["authority.key"]! },
    });
    await eventually(() => [authorities(leader) === 2 || undefined]);
    const text = JSON.stringify(lines);
    expect(text).toContain("keyMismatch");
    expect(text).not.toContain("PRIVATE KEY");
    for (const data of [secret.data!, (await stored()).data!]) {
      for (const [key, value] of Object.entries(data)) {
        if (!key.endsWith(".key")) continue;
        expect(text).not.toContain(value.slice(40, 80));
        expect(text).not.toContain(Buffer.from(value, "base64").toString().slice(30, 80));
      }
    }
  });
});

type Data = Readonly<Record<string, string>>;

interface Replica {
  readonly certificates: Certificates;
  readonly lead: () => Promise<void>;
}

/** @param leading the cluster as the leader's part sees it */
function aReplica(dnsNames: readonly string[] = ["webhook.svc"], lifetimes = LIFETIMES, leading = cluster): Replica {
  const context = { cluster, environment, signal: stop.signal };
  const registered = counted(followRegisteredBundles(context));
  const names = { dnsNames, ipAddresses: [] };
  const own = ownCertificate({ ...context, systemNamespace: NAMESPACE, names, registered, lifetimes });
  return {
    certificates: servedCertificate(own.certificates, { registered, log: environment.log }),
    lead: () => own.leaderPart.start({ signal: stop.signal, cluster: leading }),
  };
}

function counted(bundles: RegisteredBundles): RegisteredBundles {
  return {
    ...bundles,
    subscribe(listener) {
      const unsubscribe = bundles.subscribe(listener);
      listeners++;
      return () => {
        listeners--;
        unsubscribe();
      };
    },
  };
}

/** A cluster whose webhook configurations are read with a delay, or not at all: the Secret has been read before. */
function aHeldReading() {
  let waits: Promise<void> = Promise.resolve();
  let release = (): void => {};
  const held: Cluster = {
    ...cluster,
    async get(type, name) {
      if (type === CONFIGURATION_TYPES.mutating) await waits;
      return cluster.get(type, name);
    },
  };
  return {
    cluster: held,
    hold(): void {
      waits = new Promise((resolve) => {
        release = resolve;
      });
    },
    refuse(): void {
      waits = Promise.reject(new ClusterError("forbidden", "refused"));
    },
    release(): void {
      release();
      waits = Promise.resolve();
    },
  };
}

async function lead(replica: Replica): Promise<void> {
  await replica.lead();
}

/** As the leader's registration does it. */
async function register({ certificates }: Replica): Promise<void> {
  const store = async (): Promise<void> => {
    const address = { url: "https://127.0.0.1:9443" };
    const caBundle = certificates.current()!.authority;
    const wanted = webhookConfigurations({ address, caBundle, systemNamespace: NAMESPACE, entries: [] });
    await storeConfiguration(cluster, CONFIGURATION_TYPES.validating, wanted.validating);
    await storeConfiguration(cluster, CONFIGURATION_TYPES.mutating, wanted.mutating);
  };
  certificates.subscribe(() => void store());
  await store();
}

function stored(): Promise<Secret> {
  return cluster.get<Secret>(SECRETS, NAME);
}

function authorities({ certificates }: Replica): number {
  return certificatesIn(certificates.current()!.authority).length;
}

function other(certificates: Certificates, than: string | undefined): string | undefined {
  const now = certificates.current()?.certificate;
  return now === than ? undefined : now;
}

/** Why, of every such line. */
function told(message: string): unknown[] {
  return lines.filter((line) => line.message === message).map(({ because }) => because);
}

/** Making keys takes real time, so this waits in real rounds; hardly any virtual time passes. */
async function eventually<T>(look: () => readonly (T | undefined)[]): Promise<readonly T[]> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const all = look();
    if (all.every((one) => one !== undefined)) return all as readonly T[];
    if (performance.now() > deadline) throw new Error(`it has not come to that: ${JSON.stringify(lines.slice(-5))}`);
    await clock.advance(10);
  }
}

function without(data: Data, key: string): Data {
  return Object.fromEntries(Object.entries(data).filter(([name]) => name !== key));
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
