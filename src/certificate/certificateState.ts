import type { KeyPair } from "./authority.ts";
import { bundleOf } from "./pem.ts";

/**
 * What the certificate Secret holds, and with it where a rotation stands: an authority that is announced (`next`) signs nothing yet; one that
 * is only trusted any more (`previous`) has signed what some replica may still serve.
 */
export interface CertificateState {
  readonly leaf: KeyPair;
  /** Has signed the leaf, and signs the next one. */
  readonly authority: KeyPair;
  readonly next?: KeyPair;
  /** Certificates without their keys. */
  readonly previous: readonly string[];
}

/** What the registration carries for this state: whatever a replica may serve is signed by one of these. */
export function trustedBy({ authority, next, previous }: Omit<CertificateState, "leaf">): string {
  return bundleOf([authority.certificate, ...(next ? [next.certificate] : []), ...previous]);
}

/** By what the webhook may be called. */
export interface ServerNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}
