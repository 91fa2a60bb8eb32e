import { type Damage, damage, KEYS, readPair, type SecretData, textOf } from "../../certificate/certificateData.ts";
import { bundleOf, certificatesIn } from "../../certificate/pem.ts";
import type { Clock } from "../../cluster/environment.ts";
import { ok, type Result } from "../../core/result.ts";
import { CertificateHolder, type Certificates, type ServingCertificate } from "./certificates.ts";

/** Reads `tls.crt`, `tls.key` and `ca.crt`, as cert-manager writes them. @param needsAuthority false where somebody else registers it */
export function readProvided(data: SecretData, needsAuthority: boolean): Result<ServingCertificate, Damage> {
  const pair = readPair(data, KEYS.leaf);
  if (!pair.ok) return pair;
  const authority = textOf(data, KEYS.bundle) ?? "";
  if (!needsAuthority || certificatesIn(authority).length > 0) return ok({ ...pair.value, authority });
  if (authority.trim() !== "") return damage("unreadableCertificate", "ca.crt holds no certificate in PEM");
  return damage("keyMissing", "ca.crt is missing or empty: the API server would not know whom to trust");
}

/**
 * Whoever provides the certificate does not tell us before a new authority comes, so those before it stay in the registration for the
 * time of an overlap.
 */
export function withOverlap(source: Certificates, clock: Clock, overlapMs: number): Certificates {
  const holder = new CertificateHolder();
  let former: readonly string[] = [];
  let cancel = (): void => {};
  const put = (next: ServingCertificate): void => {
    holder.set({ ...next, authority: bundleOf([...certificatesIn(next.authority), ...former]) });
  };
  source.first.then(
    (first) => {
      let before = source.current() ?? first;
      put(before);
      source.subscribe((next) => {
        if (next.authority !== before.authority) {
          former = [...certificatesIn(before.authority), ...former];
          cancel();
          cancel = clock.after(overlapMs, () => {
            former = [];
            put(before);
          });
        }
        before = next;
        put(next);
      });
    },
    (error: unknown) => holder.fail(error),
  );
  return holder;
}
