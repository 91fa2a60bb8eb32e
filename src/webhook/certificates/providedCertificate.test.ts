import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VirtualClock } from "../../../test/virtualClock.ts";
import { type Authority, createAuthority, issueLeaf } from "../../certificate/authority.ts";
import { certificatesIn } from "../../certificate/pem.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Environment } from "../../cluster/environment.ts";
import { SECRETS } from "../../cluster/resource.ts";
import { NO_WEBHOOKS } from "../../simulator/admission/webhookCaller.ts";
import { ApiServer } from "../../simulator/apiServer.ts";
import { inMemoryCluster } from "../../simulator/inMemoryCluster.ts";
import type { Secret } from "./certificateSecret.ts";
import type { Certificates } from "./certificates.ts";
import { folderCertificate } from "./folderCertificate.ts";
import { withOverlap } from "./providedCertificate.ts";
import { secretCertificate } from "./secretCertificate.ts";

const NAME = { namespace: "default", name: "webhook-tls" };
const OVERLAP_MS = 60_000;

let clock: VirtualClock;
let environment: Environment;
let cluster: Cluster;
let stop: AbortController;
let lines: string[];

beforeEach(() => {
  clock = new VirtualClock();
  stop = new AbortController();
  lines = [];
  const log: Environment["log"] = (_level, message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`);
  environment = { clock, random: () => 0.5, log };
  cluster = inMemoryCluster(new ApiServer({ environment, webhooks: NO_WEBHOOKS }));
});

afterEach(async () => {
  stop.abort();
  await clock.advance(0);
});

describe("a Secret that somebody else writes", () => {
  it("is followed, and the authority before stays trusted for an overlap", async () => {
    const [one, two] = [await anAuthority(), await anAuthority()];
    await cluster.create<Secret>(SECRETS, aSecret(await files(one)));
    const certificates = withOverlap(fromSecret(), clock, OVERLAP_MS);
    await clock.advance(10);
    const first = await certificates.first;
    await cluster.update<Secret>(SECRETS, aSecret(await files(two)));
    await clock.advance(10);
    expect(certificates.current()?.certificate).not.toBe(first.certificate);
    expect(new Set(trusted(certificates))).toEqual(new Set([one.certificate, two.certificate]));
    await clock.advance(OVERLAP_MS);
    expect(trusted(certificates)).toEqual([two.certificate]);
  });

  it.each(["tls.crt", "tls.key", "ca.crt"])("that lacks %s at the start is an error that names both", async (key) => {
    const { [key]: _, ...rest } = await files(await anAuthority());
    await cluster.create<Secret>(SECRETS, aSecret(rest));
    const certificates = fromSecret();
    await clock.advance(10);
    await expect(certificates.first).rejects.toThrow(`Secret default/webhook-tls: ${key} is missing or empty`);
  });

  it("that is not there is an error that names it", async () => {
    const certificates = fromSecret();
    await clock.advance(10);
    await expect(certificates.first).rejects.toThrow("there is no Secret default/webhook-tls");
  });

  it("needs no authority where cert-manager registers it", async () => {
    const { "ca.crt": _, ...rest } = await files(await anAuthority());
    await cluster.create<Secret>(SECRETS, aSecret(rest));
    const certificates = fromSecret(false);
    await clock.advance(10);
    expect(await certificates.first).toMatchObject({ certificate: rest["tls.crt"], authority: "" });
  });

  it("that is deleted later is told, and what it held is served on", async () => {
    const good = await files(await anAuthority());
    await cluster.create<Secret>(SECRETS, aSecret(good));
    const certificates = fromSecret();
    await clock.advance(10);
    await cluster.delete(SECRETS, NAME);
    await clock.advance(10);
    expect(certificates.current()?.certificate).toBe(good["tls.crt"]);
    expect(lines).toEqual([
      'the provided certificate cannot be used {"reason":"C01","because":"secretMissing","error":"there is no Secret default/webhook-tls"}',
    ]);
  });

  it("that is broken later is told, without its keys, and what it held is served on", async () => {
    const good = await files(await anAuthority());
    await cluster.create<Secret>(SECRETS, aSecret(good));
    const certificates = fromSecret();
    await clock.advance(10);
    const other = await files(await anAuthority());
    await cluster.update<Secret>(SECRETS, aSecret({ ...good, "tls.key": other["tls.key"]! }));
    await clock.advance(10);
    expect(certificates.current()?.certificate).toBe(good["tls.crt"]);
    expect(lines.join()).toContain("tls.key is not the key of the certificate in tls.crt");
    expect(lines.join()).not.toContain("PRIVATE KEY");
  });
});

describe("a folder of files", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "certificate-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is read again when the files change, and told once while they do not belong together", async () => {
    const [one, two] = [await files(await anAuthority()), await files(await anAuthority())];
    await write(one);
    const certificates = folderCertificate({ environment, signal: stop.signal, folder, needsAuthority: true });
    expect((await certificates.first).certificate).toBe(one["tls.crt"]);
    await write({ "tls.crt": two["tls.crt"]! });
    await clock.advanceUntil(() => lines.length > 0);
    await write(two);
    await clock.advanceUntil(() => certificates.current()?.certificate === two["tls.crt"]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("C04");
  });

  it("without a file is an error that names it", async () => {
    await write({ "tls.crt": (await files(await anAuthority()))["tls.crt"]! });
    const certificates = folderCertificate({ environment, signal: stop.signal, folder, needsAuthority: true });
    await expect(certificates.first).rejects.toThrow(`folder ${folder}: tls.key is missing or empty`);
  });

  async function write(content: Files): Promise<void> {
    for (const [name, text] of Object.entries(content)) await writeFile(join(folder, name), text);
  }
});

type Files = Readonly<Record<string, string>>;

function fromSecret(needsAuthority = true): Certificates {
  return secretCertificate({ cluster, environment, signal: stop.signal, secret: NAME, needsAuthority });
}

function anAuthority(): Promise<Authority> {
  return createAuthority({ commonName: "somebody", now: clock.now() });
}

async function files(authority: Authority): Promise<Files> {
  const now = clock.now();
  const leaf = await issueLeaf(authority, { commonName: "webhook", usage: "server", dnsNames: ["webhook.svc"], now });
  return { "tls.crt": leaf.certificate, "tls.key": leaf.privateKey, "ca.crt": authority.certificate };
}

function aSecret(content: Files): Secret {
  const entries = Object.entries(content).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
  return { apiVersion: "v1", kind: "Secret", metadata: NAME, type: "Opaque", data: Object.fromEntries(entries) };
}

function trusted(certificates: Certificates): readonly string[] {
  return certificatesIn(certificates.current()?.authority ?? "");
}
