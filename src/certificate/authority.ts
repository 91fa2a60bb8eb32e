import { randomBytes, webcrypto } from "node:crypto";

/** A certificate and its private key (PKCS 8), both PEM: what `node:https`, a kubeconfig and a `kubernetes.io/tls` Secret hold. */
export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** The key pair that signs; its certificate is the `caBundle` of a webhook and the `certificate-authority-data` of a kubeconfig. */
export type Authority = KeyPair;

interface Validity {
  /** Milliseconds since the epoch. The certificate holds from five minutes earlier, for clocks that run behind ours. */
  readonly now: number;
  readonly validDays?: number;
  /** Lets it hold from this moment already, should ours be a clock that runs ahead. */
  readonly validFrom?: number;
}

export interface AuthorityRequest extends Validity {
  readonly commonName: string;
}

export interface LeafRequest extends Validity {
  /** For a client certificate the name of the Kubernetes user. */
  readonly commonName: string;
  /** For a client certificate the groups of the user, e.g. `system:masters`. */
  readonly organizations?: readonly string[];
  readonly usage: "server" | "client" | "both";
  /** What a server may be called. Clients have neither. */
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
}

const DAY_MS = 86_400_000;
const CLOCK_SKEW_MS = 5 * 60_000;
const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING_ALGORITHM = { name: "ECDSA", hash: "SHA-256" } as const;

/** A new self-signed authority, good for ten years unless said otherwise. */
export async function createAuthority(request: AuthorityRequest): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [request.commonName] }],
    keys,
    serialNumber: serialNumber(),
    ...validity(request, 3650),
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pemFile(certificate.toString("pem")), privateKey: await privateKeyPem(keys.privateKey) };
}

/** A new key and a certificate for it, signed by the authority, good for one year unless said otherwise. */
export async function issueLeaf(authority: Authority, request: LeafRequest): Promise<KeyPair> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const issuer = new x509.X509Certificate(authority.certificate);
  const names = [
    ...(request.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(request.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [...(request.organizations ?? []).map((group) => ({ O: [group] })), { CN: [request.commonName] }],
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await readPrivateKey(authority.privateKey),
    serialNumber: serialNumber(),
    ...validity(request, 365),
    signingAlgorithm: SIGNING_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(extendedKeyUsages(request.usage, x509.ExtendedKeyUsage)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { certificate: pemFile(certificate.toString("pem")), privateKey: await privateKeyPem(keys.privateKey) };
}

/** The library costs 135 ms and 15 MB, so only those who issue certificates pay for it; it fails without `reflect-metadata` first. */
async function loadX509(): Promise<typeof import("@peculiar/x509")> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
}

function readPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  return webcrypto.subtle.importKey("pkcs8", der, KEY_ALGORITHM, false, ["sign"]);
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return pemFile(["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----"].join("\n"));
}

function pemFile(pem: string): string {
  return pem.endsWith("\n") ? pem : `${pem}\n`;
}

/** 127 random bits: positive in DER, and never the same twice. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString("hex");
}

function validity(
  { now, validDays, validFrom = now }: Validity,
  defaultDays: number,
): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(Math.min(validFrom, now - CLOCK_SKEW_MS)),
    notAfter: new Date(now + (validDays ?? defaultDays) * DAY_MS),
  };
}

function extendedKeyUsages(
  usage: LeafRequest["usage"],
  oid: typeof import("@peculiar/x509").ExtendedKeyUsage,
): ("1.3.6.1.5.5.7.3.1" | "1.3.6.1.5.5.7.3.2")[] {
  if (usage === "server") return [oid.serverAuth];
  if (usage === "client") return [oid.clientAuth];
  return [oid.serverAuth, oid.clientAuth];
}
