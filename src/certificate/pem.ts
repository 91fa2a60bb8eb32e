import { X509Certificate } from "node:crypto";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM file, each as a file of its own; what cannot be read is left out. */
export function certificatesIn(text: string): readonly string[] {
  return (text.match(CERTIFICATE) ?? []).map((one) => `${one}\n`).filter((one) => parsed(one) !== undefined);
}

/** One PEM file of all of them, each once; the same file whatever their order, so that it is not registered again when only roles change. */
export function bundleOf(certificates: readonly string[]): string {
  return [...new Set(certificates)].sort().join("");
}

export function isCarriedBy(bundle: string, certificate: string): boolean {
  const fingerprint = parsed(certificate)?.fingerprint256;
  return certificatesIn(bundle).some((one) => parsed(one)?.fingerprint256 === fingerprint);
}

/** The first certificate of the text. */
export function parsed(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}

/**
 * Whether somebody who trusts the bundle takes the first certificate of the file, by way of the others in it; validity is another question.
 */
export function isVerifiedBy(bundle: string, file: string): boolean {
  const trusted = certificatesIn(bundle).map((one) => new X509Certificate(one));
  const [leaf, ...intermediates] = certificatesIn(file).map((one) => new X509Certificate(one));
  let last = leaf;
  for (let length = 0; last !== undefined && length <= intermediates.length; length += 1) {
    const signed = last;
    if (trusted.some((authority) => isIssuedBy(signed, authority))) return true;
    last = intermediates.find((one) => isIssuedBy(signed, one));
  }
  return false;
}

export function isIssuedBy(leaf: X509Certificate, authority: X509Certificate): boolean {
  return authority.ca && leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
}
