import type { CertificateWait, CertificateWrite } from "../../certificate/planCertificate.ts";

type Because = Extract<CertificateWrite, { readonly because: string }>["because"];
type WaitsFor = Exclude<CertificateWait["for"], "renewal">;

/** As in the reference (docs/reference/reasons.md); a renewal in time is no trouble and has none. */
export const CERTIFICATE_REASONS: Readonly<Record<Exclude<Because, "leafEnds" | "authorityEnds"> | WaitsFor, string>> =
  {
    secretMissing: "C01",
    keyMissing: "C02",
    unreadableCertificate: "C03",
    keyMismatch: "C04",
    foreignCertificate: "C05",
    authorityExpired: "C06",
    namesChanged: "C07",
    registration: "C08",
    overlap: "C09",
  };

/** Fields of a log line. */
export function reasonFields(because: Because | WaitsFor): { readonly reason?: string; readonly because: string } {
  if (because === "leafEnds" || because === "authorityEnds") return { because };
  return { reason: CERTIFICATE_REASONS[because], because };
}
