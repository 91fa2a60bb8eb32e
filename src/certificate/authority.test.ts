import { X509Certificate } from "node:crypto";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { createAuthority, issueLeaf } from "./authority.ts";

const NOW = Date.now();

describe("certificates", () => {
  it("an authority may sign and is its own issuer", async () => {
    const authority = new X509Certificate((await createAuthority({ commonName: "sidecarset", now: NOW })).certificate);
    expect(authority.ca).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
    expect(Date.parse(authority.validTo) - NOW).toBeGreaterThan(3649 * 86_400_000);
  });

  it("a server certificate is signed by the authority and holds the names and addresses asked for", async () => {
    const authority = await createAuthority({ commonName: "sidecarset", now: NOW });
    const pair = await issueLeaf(authority, {
      commonName: "webhook",
      usage: "server",
      dnsNames: ["localhost", "webhook.sidecarset-system.svc"],
      ipAddresses: ["127.0.0.1"],
      now: NOW,
      validDays: 30,
    });
    const leaf = new X509Certificate(pair.certificate);
    expect(leaf.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
    expect(leaf.checkHost("webhook.sidecarset-system.svc")).toBeDefined();
    expect(leaf.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(leaf.ca).toBe(false);
    expect(Math.round((Date.parse(leaf.validTo) - NOW) / 86_400_000)).toBe(30);
  });

  it("a client certificate names the user and the groups", async () => {
    const authority = await createAuthority({ commonName: "sidecarset", now: NOW });
    const pair = await issueLeaf(authority, {
      commonName: "admin",
      organizations: ["system:masters", "dev, ops"],
      usage: "client",
      now: NOW,
    });
    expect(new X509Certificate(pair.certificate).subject).toBe("O=system:masters\nO=dev\\, ops\nCN=admin");
  });

  it("two certificates never share a serial number", async () => {
    const authority = await createAuthority({ commonName: "sidecarset", now: NOW });
    const issue = async (): Promise<string> =>
      new X509Certificate((await issueLeaf(authority, { commonName: "a", usage: "both", now: NOW })).certificate)
        .serialNumber;
    expect(await issue()).not.toBe(await issue());
  });

  it("server and client trust each other over TLS", async () => {
    const authority = await createAuthority({ commonName: "sidecarset", now: NOW });
    const server = await issueLeaf(authority, {
      commonName: "server",
      usage: "server",
      dnsNames: ["localhost"],
      ipAddresses: ["127.0.0.1"],
      now: NOW,
    });
    const client = await issueLeaf(authority, { commonName: "admin", usage: "client", now: NOW });
    expect(await userSeenBy(authority.certificate, server, client)).toBe("admin");
  });
});

async function userSeenBy(
  ca: string,
  server: { certificate: string; privateKey: string },
  client: { certificate: string; privateKey: string },
): Promise<string> {
  const listener = createServer(
    { cert: server.certificate, key: server.privateKey, ca, requestCert: true, rejectUnauthorized: true },
    (incoming, response) => response.end(String((incoming.socket as TLSSocket).getPeerCertificate().subject.CN)),
  );
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  try {
    return await new Promise<string>((resolve, reject) => {
      const port = (listener.address() as AddressInfo).port;
      const options = { port, host: "127.0.0.1", ca, cert: client.certificate, key: client.privateKey, agent: false };
      request(options, (response) => {
        response.setEncoding("utf8").once("data", resolve);
      })
        .once("error", reject)
        .end();
    });
  } finally {
    listener.close();
  }
}
