import { isIP, isIPv6 } from "node:net";
import type { WebhookAddress } from "../../webhook/registration.ts";

/** How the API server reaches the webhook; `listen`: by the address it listens on, for an API server on the same machine. */
export type ReachedBy = "listen" | WebhookAddress;

export interface CertificateNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/** Every name by which we may be called, for the certificate. */
export function webhookNames(address: ReachedBy, listenHost: string): CertificateNames {
  if (address === "listen") return hostNames(reachable(listenHost));
  if ("url" in address) return hostNames(new URL(address.url).hostname);
  const { name, namespace } = address.service;
  return { dnsNames: [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`], ipAddresses: [] };
}

/** For the URL of a server that listens on this address; one that listens on every address is reached on this machine's own. */
export function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return isIPv6(host) ? `[${host}]` : host;
}

function hostNames(host: string): CertificateNames {
  const bare = host.replace(/^\[|\]$/g, "");
  return isIP(bare) > 0 ? { dnsNames: [], ipAddresses: [bare] } : { dnsNames: [bare], ipAddresses: [] };
}
