import { createAuthority, issueLeaf } from "../../certificate/authority.ts";
import type { ServerCertificate } from "../../webhook/httpServer.ts";
import type { ManagerContext } from "./managerContext.ts";
import type { CertificateNames } from "./webhookNames.ts";

/** What the webhook serves with, and the PEM of the authorities by which the API server knows it. */
export interface ServingCertificate extends ServerCertificate {
  readonly authority: string;
}

/** The certificate as every replica has it. */
export interface Certificates {
  /** Settles when there is one; the process may well lead before, for it is the leader who makes it. */
  readonly first: Promise<ServingCertificate>;
  /** The newest; absent until the first is there. */
  current(): ServingCertificate | undefined;
  /** Hears of every one that takes the place of another. */
  subscribe(listener: (certificate: ServingCertificate) => void): void;
}

/** An authority of this process alone, and one certificate that stays. */
export function certificatesInMemory({ environment }: ManagerContext, names: CertificateNames): Certificates {
  let current: ServingCertificate | undefined;
  const first = issue(names, environment.clock.now()).then((issued) => {
    current = issued;
    return issued;
  });
  // Whoever needs the certificate hears of the failure.
  first.catch(() => {});
  return { first, current: () => current, subscribe: () => {} };
}

async function issue({ dnsNames, ipAddresses }: CertificateNames, now: number): Promise<ServingCertificate> {
  const commonName = "sidecarset webhook";
  const authority = await createAuthority({ commonName, now });
  const leaf = await issueLeaf(authority, { commonName, usage: "server", now, dnsNames, ipAddresses });
  return { ...leaf, authority: authority.certificate };
}
