import { LIFETIMES, type Lifetimes } from "../../certificate/planCertificate.ts";
import type { LeaderPart } from "../../cluster/leaderPart.ts";
import { unreachable } from "../../core/result.ts";
import type { Certificates } from "../../webhook/certificates/certificates.ts";
import { folderCertificate } from "../../webhook/certificates/folderCertificate.ts";
import { ownCertificate } from "../../webhook/certificates/ownCertificate.ts";
import { withOverlap } from "../../webhook/certificates/providedCertificate.ts";
import { followRegisteredBundles } from "../../webhook/certificates/registeredBundles.ts";
import { secretCertificate } from "../../webhook/certificates/secretCertificate.ts";
import { servedCertificate } from "../../webhook/certificates/servedCertificate.ts";
import type { ManagerContext } from "./managerContext.ts";
import type { CertificateNames } from "./webhookNames.ts";

/** Where the webhook's certificate comes from. */
export interface CertificateChoice {
  readonly from: CertificateOrigin;
  /** cert-manager registers the authority of this Certificate (`namespace/name`); left out: we register it. */
  readonly injectCaFrom?: string | undefined;
  readonly lifetimes?: Lifetimes;
}

export type CertificateOrigin =
  | { readonly kind: "own" }
  /** Of the system namespace. */
  | { readonly kind: "secret"; readonly name: string }
  | { readonly kind: "folder"; readonly folder: string };

export interface StartedCertificates {
  readonly certificates: Certificates;
  readonly leaderParts: readonly LeaderPart[];
}

/** The certificate as every replica has it, and what the leader does for it. */
export function startCertificates(
  context: ManagerContext,
  names: CertificateNames,
  choice: CertificateChoice = { from: { kind: "own" } },
): StartedCertificates {
  const registered = followRegisteredBundles(context);
  const { log } = context.environment;
  const { certificates, leaderParts } = source();
  return { certificates: servedCertificate(certificates, { registered, log }), leaderParts };

  function source(): StartedCertificates {
    const { from, injectCaFrom, lifetimes = LIFETIMES } = choice;
    const { systemNamespace, environment } = context;
    const common = { ...context, needsAuthority: injectCaFrom === undefined };
    const provided = (certificates: Certificates): StartedCertificates => ({
      certificates: withOverlap(certificates, environment.clock, lifetimes.overlapMs),
      leaderParts: [],
    });
    switch (from.kind) {
      case "own": {
        const own = ownCertificate({ ...context, names, registered, lifetimes });
        return { certificates: own.certificates, leaderParts: [own.leaderPart] };
      }
      case "secret":
        return provided(secretCertificate({ ...common, secret: { namespace: systemNamespace, name: from.name } }));
      case "folder":
        return provided(folderCertificate({ ...common, folder: from.folder }));
      default:
        return unreachable(from);
    }
  }
}
