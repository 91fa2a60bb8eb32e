import { createPrivateKey } from "node:crypto";
import { err, ok, type Result } from "../core/result.ts";
import type { KeyPair } from "./authority.ts";
import { type CertificateState, trustedBy } from "./certificateState.ts";
import { certificatesIn, isIssuedBy, parsed } from "./pem.ts";

/** As in a Secret: base64 by key. */
export type SecretData = Readonly<Record<string, string>>;

/** The first three are what everybody's tools expect in a `kubernetes.io/tls` Secret. */
export const KEYS = {
  leaf: { certificate: "tls.crt", privateKey: "tls.key" },
  bundle: "ca.crt",
  authority: { certificate: "authority.crt", privateKey: "authority.key" },
  next: { certificate: "next-authority.crt", privateKey: "next-authority.key" },
  previous: "previous-authorities.crt",
} as const;

/** Why nothing can be made of a Secret. */
export interface Damage {
  readonly reason: "secretMissing" | "keyMissing" | "unreadableCertificate" | "keyMismatch" | "foreignCertificate";
  /** Names keys of the Secret, never what is in them. */
  readonly message: string;
}

/** The one reader of what {@link certificateData} writes. */
export function readCertificateData(data: SecretData): Result<CertificateState, Damage> {
  const leaf = readPair(data, KEYS.leaf);
  if (!leaf.ok) return leaf;
  const authority = readPair(data, KEYS.authority);
  if (!authority.ok) return authority;
  const announced = KEYS.next.certificate in data || KEYS.next.privateKey in data;
  const next = announced ? readPair(data, KEYS.next) : undefined;
  if (next?.ok === false) return next;
  const state = {
    leaf: leaf.value,
    authority: authority.value,
    ...(next && { next: next.value }),
    previous: certificatesIn(textOf(data, KEYS.previous) ?? ""),
  };
  return findings(state, textOf(data, KEYS.bundle)) ?? ok(state);
}

export function certificateData(state: CertificateState): SecretData {
  return encoded({
    ...pairData(KEYS.leaf, state.leaf),
    [KEYS.bundle]: trustedBy(state),
    ...pairData(KEYS.authority, state.authority),
    ...(state.next && pairData(KEYS.next, state.next)),
    ...(state.previous.length > 0 && { [KEYS.previous]: state.previous.join("") }),
  });
}

/** A certificate with its key, of a Secret or of a folder of files. */
export function readPair(data: SecretData, keys: typeof KEYS.leaf | PairKeys): Result<KeyPair, Damage> {
  const certificate = textOf(data, keys.certificate);
  const privateKey = textOf(data, keys.privateKey);
  for (const [key, text] of [
    [keys.certificate, certificate],
    [keys.privateKey, privateKey],
  ] as const) {
    if (!text) return damage("keyMissing", `${key} is missing or empty`);
  }
  const leaf = parsed(certificate!);
  if (leaf === undefined) return damage("unreadableCertificate", `${keys.certificate} holds no certificate in PEM`);
  const key = privateKeyOf(privateKey!);
  if (key === undefined) return damage("unreadableCertificate", `${keys.privateKey} holds no private key in PEM`);
  if (!leaf.checkPrivateKey(key)) {
    return damage("keyMismatch", `${keys.privateKey} is not the key of the certificate in ${keys.certificate}`);
  }
  return ok({ certificate: certificate!, privateKey: privateKey! });
}

export function textOf(data: SecretData, key: string): string | undefined {
  const value = data[key];
  return value === undefined ? undefined : Buffer.from(value, "base64").toString();
}

export function damage(reason: Damage["reason"], message: string): { readonly ok: false; readonly error: Damage } {
  return err({ reason, message });
}

interface PairKeys {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Each part is readable; whether they belong together. */
function findings(state: CertificateState, bundle: string | undefined) {
  for (const [keys, pair] of [
    [KEYS.authority, state.authority],
    [KEYS.next, state.next],
  ] as const) {
    if (pair && !parsed(pair.certificate)!.ca) {
      return damage("foreignCertificate", `${keys.certificate} is not the certificate of an authority`);
    }
  }
  if (!isIssuedBy(parsed(state.leaf.certificate)!, parsed(state.authority.certificate)!)) {
    return damage("foreignCertificate", "tls.crt is not signed by the authority in authority.crt");
  }
  if (bundle !== trustedBy(state)) {
    return damage("foreignCertificate", "ca.crt does not hold the authorities of the Secret");
  }
  return undefined;
}

function privateKeyOf(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function pairData(keys: PairKeys, pair: KeyPair): Record<string, string> {
  return { [keys.certificate]: pair.certificate, [keys.privateKey]: pair.privateKey };
}

function encoded(texts: Readonly<Record<string, string>>): SecretData {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
}
