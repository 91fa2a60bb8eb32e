import type { Result } from "../core/result.ts";
import type { KeyPair } from "./authority.ts";
import type { Damage } from "./certificateData.ts";
import { type CertificateState, type ServerNames, trustedBy } from "./certificateState.ts";
import { certificatesIn, isCarriedBy, parsed } from "./pem.ts";

/** How long things last, in milliseconds. Certificates are renewed when a third of their life is left. */
export interface Lifetimes {
  readonly authorityMs: number;
  readonly leafMs: number;
  /** Longer than any replica takes to follow the Secret, and any API server to follow the registration. */
  readonly overlapMs: number;
}

const DAY_MS = 86_400_000;
/** A watch whose connection went silent is opened again within eleven minutes (`src/cluster/informer.ts`); the overlap outlasts two of them. */
export const LIFETIMES: Lifetimes = { authorityMs: 3650 * DAY_MS, leafMs: 365 * DAY_MS, overlapMs: 30 * 60_000 };

/** All that the next step is decided on. */
export interface CertificateSituation {
  /** The Secret as it is stored now. */
  readonly secret: Result<CertificateState, Damage>;
  /** The last whole state that this process has seen: what replicas still serve when the Secret is lost. */
  readonly known?: CertificateState;
  /** The bundles of the webhook configurations, each once; none while nothing is registered. */
  readonly registered: readonly string[];
  /** That {@link overlapOf} has said the same for the time of the overlap. */
  readonly overlapPassed: boolean;
  readonly names: ServerNames;
}

export type CertificateStep = CertificateWrite | CertificateWait;

/** One write of the Secret. */
export type CertificateWrite =
  /** A new authority and its leaf at once; those before are trusted for as long as somebody may serve theirs. */
  | {
      readonly kind: "begin";
      readonly because: Damage["reason"] | "authorityExpired";
      readonly trusted: readonly string[];
    }
  /** A new authority beside the one that signs. */
  | {
      readonly kind: "announce";
      readonly because: Damage["reason"] | "authorityEnds";
      readonly state: CertificateState;
    }
  | { readonly kind: "renewLeaf"; readonly because: "leafEnds" | "namesChanged"; readonly state: CertificateState }
  /** The announced authority signs from now on. */
  | { readonly kind: "switch"; readonly state: CertificateState; readonly next: KeyPair }
  /** Authorities whose leaf nobody serves any more are no longer trusted. */
  | { readonly kind: "drop"; readonly state: CertificateState };

export interface CertificateWait {
  readonly kind: "wait";
  readonly for: "registration" | "overlap" | "renewal";
  /** When time alone makes a renewal due, in milliseconds since the epoch. */
  readonly until: number;
}

/**
 * What to do next with the one Secret. Whoever continues finds in it where a rotation stands. The order is the rule: what cannot be
 * served is mended first, the leaf is never left to end, and a rotation ends before another one begins.
 */
export function planCertificate(situation: CertificateSituation, now: number, lifetimes = LIFETIMES): CertificateStep {
  if (!situation.secret.ok) return mend(situation.secret.error.reason, situation, now);
  const state = situation.secret.value;
  if (endOf(state.authority) <= now) {
    return {
      kind: "begin",
      because: "authorityExpired",
      trusted: [...certificatesIn(trustedBy(state)), ...registeredIn(situation)],
    };
  }
  if (!hasNames(state.leaf, situation.names)) return { kind: "renewLeaf", because: "namesChanged", state };
  if (isLeafDue(state, now, lifetimes)) return { kind: "renewLeaf", because: "leafEnds", state };
  return rotation(state, situation, lifetimes) ?? renewal(state, now, lifetimes);
}

/**
 * Names the overlap under way: the time counts from when this is so, by a timer of whoever leads, so that neither a clock that jumps nor
 * a change of leader makes it shorter.
 * @returns undefined when there is none, or while the registration does not carry what it needs to
 */
export function overlapOf(state: CertificateState, registered: readonly string[]): string | undefined {
  const needed = [state.authority, ...(state.next ? [state.next] : [])].map(({ certificate }) => certificate);
  if (!state.next && state.previous.length === 0) return undefined;
  const isCarried = registered.every((bundle) => needed.every((certificate) => isCarriedBy(bundle, certificate)));
  return isCarried ? `${state.next ? "announced" : "switched"}\n${trustedBy(state)}` : undefined;
}

export function endOf(pair: KeyPair): number {
  return Date.parse(parsed(pair.certificate)!.validTo);
}

/** With nothing of the Secret left, replicas still serve what was in it, and the registration still trusts it. */
function mend(because: Damage["reason"], situation: CertificateSituation, now: number): CertificateWrite {
  const { known } = situation;
  if (known === undefined || endOf(known.authority) <= now) {
    return { kind: "begin", because, trusted: registeredIn(situation) };
  }
  const { leaf, authority } = known;
  return { kind: "announce", because, state: { leaf, authority, previous: othersTrusted(known, situation) } };
}

function othersTrusted(known: CertificateState, situation: CertificateSituation): readonly string[] {
  const others = [...known.previous, ...registeredIn(situation)];
  return [...new Set(others)].filter((one) => !isCarriedBy(known.authority.certificate, one));
}

function registeredIn({ registered }: CertificateSituation): readonly string[] {
  return registered.flatMap(certificatesIn);
}

function rotation(
  state: CertificateState,
  { registered, overlapPassed }: CertificateSituation,
  { leafMs }: Lifetimes,
): CertificateStep | undefined {
  if (!state.next && state.previous.length === 0) return undefined;
  const until = endOf(state.leaf) - leafMs / 3;
  if (overlapOf(state, registered) === undefined) return { kind: "wait", for: "registration", until };
  if (!overlapPassed) return { kind: "wait", for: "overlap", until };
  return state.next ? { kind: "switch", state, next: state.next } : { kind: "drop", state };
}

function renewal(state: CertificateState, now: number, { authorityMs, leafMs }: Lifetimes): CertificateStep {
  const authorityDue = endOf(state.authority) - authorityMs / 3;
  if (authorityDue <= now) return { kind: "announce", because: "authorityEnds", state };
  return { kind: "wait", for: "renewal", until: Math.min(authorityDue, endOf(state.leaf) - leafMs / 3) };
}

/** Not when a new one would end no later: a leaf ends with its authority at the latest, and certificates count in whole seconds. */
function isLeafDue(state: CertificateState, now: number, { leafMs }: Lifetimes): boolean {
  const end = endOf(state.leaf);
  const renewed = Math.min(now + leafMs, endOf(state.authority));
  return end - leafMs / 3 <= now && renewed > end + 1000;
}

function hasNames(leaf: KeyPair, { dnsNames, ipAddresses }: ServerNames): boolean {
  const certificate = parsed(leaf.certificate)!;
  return (
    dnsNames.every((name) => certificate.checkHost(name, { subject: "never" }) !== undefined) &&
    ipAddresses.every((address) => certificate.checkIP(address) !== undefined)
  );
}
