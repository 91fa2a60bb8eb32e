import { unreachable } from "../core/result.ts";
import { createAuthority, issueLeaf, type KeyPair } from "./authority.ts";
import type { CertificateState, ServerNames } from "./certificateState.ts";
import { parsed } from "./pem.ts";
import { type CertificateWrite, endOf, type Lifetimes } from "./planCertificate.ts";

interface Issuing {
  readonly names: ServerNames;
  readonly lifetimes: Lifetimes;
  readonly now: number;
}

const NAME = "sidecarset webhook";
const DAY_MS = 86_400_000;

/** The state after a step, with new keys where it needs some. */
export async function stateAfter(step: CertificateWrite, issuing: Issuing): Promise<CertificateState> {
  switch (step.kind) {
    case "begin": {
      const authority = await newAuthority(step.trusted, issuing);
      return { authority, leaf: await newLeaf(authority, issuing), previous: [...new Set(step.trusted)] };
    }
    case "announce":
      return { ...step.state, next: await newAuthority([step.state.authority.certificate], issuing) };
    case "renewLeaf":
      return { ...step.state, leaf: await newLeaf(step.state.authority, issuing) };
    case "switch": {
      const { authority, previous } = step.state;
      const leaf = await newLeaf(step.next, issuing);
      return { authority: step.next, leaf, previous: [...previous, authority.certificate] };
    }
    case "drop":
      return { ...step.state, previous: [] };
    default:
      return unreachable(step);
  }
}

/** Holds from when those before did: where our clock runs ahead, nobody else would take it yet. */
function newAuthority(before: readonly string[], { now, lifetimes }: Issuing): Promise<KeyPair> {
  const validFrom = Math.min(now, ...before.map(beginningOf));
  return createAuthority({ commonName: NAME, now, validFrom, validDays: lifetimes.authorityMs / DAY_MS });
}

function newLeaf(authority: KeyPair, { now, names, lifetimes }: Issuing): Promise<KeyPair> {
  const end = Math.min(now + lifetimes.leafMs, endOf(authority));
  return issueLeaf(authority, {
    commonName: NAME,
    usage: "server",
    ...names,
    now,
    validFrom: beginningOf(authority.certificate),
    validDays: (end - now) / DAY_MS,
  });
}

function beginningOf(certificate: string): number {
  return Date.parse(parsed(certificate)!.validFrom);
}
