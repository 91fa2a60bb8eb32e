import { setMaxListeners } from "node:events";
import { isIP, isIPv6 } from "node:net";
import { createAuthority, issueLeaf } from "../certificate/authority.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../cluster/environment.ts";
import { RevisionTally } from "../cluster/revisionTally.ts";
import { startCopies } from "../cluster/startCopies.ts";
import { SidecarSetController } from "../controller/sidecarSetController.ts";
import { type InstallationRules, injectionRules } from "../core/injection/injectionRules.ts";
import { register, type WebhookAddress } from "../webhook/registration.ts";
import { startWebhookServer, type WebhookServer } from "../webhook/server.ts";
import { listenError } from "./preflight.ts";

export interface ManagerOptions extends InstallationRules {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly listen: { readonly host: string; readonly port: number };
  /** How the API server reaches the webhook; `listen`: by the address it listens on, for an API server on the same machine. */
  readonly address: "listen" | WebhookAddress;
  readonly signal: AbortSignal;
}

export interface Manager {
  /** Where the webhook listens. */
  readonly url: string;
  /** Answers what is under way, then stops. */
  close(): Promise<void>;
}

/** Webhook and controller over one set of local copies. Settles when the webhook is registered and the controller works. */
export async function startManager(options: ManagerOptions): Promise<Manager> {
  const { cluster, environment, systemNamespace, listen } = options;
  const rules = injectionRules(options);
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  setMaxListeners(0, signal);
  const copies = startCopies({ cluster, environment, signal, systemNamespace });
  const tally = new RevisionTally(copies.pods, environment.clock);
  let server: WebhookServer | undefined;
  const close = async (): Promise<void> => {
    await server?.close();
    stop.abort();
  };
  try {
    const { authority, certificate } = await certificates(options);
    const common = { copies, cluster, environment, systemNamespace };
    server = await startWebhookServer({ ...listen, ...common, certificate, rules, tally });
    const url = `https://${reachable(listen.host)}:${server.port}`;
    const controller = new SidecarSetController({ ...common, signal, excludedNamespaces: rules.excludedNamespaces });
    await controller.start();
    const address = options.address === "listen" ? { url } : options.address;
    await register(cluster, { address, caBundle: authority, rules });
    return { url, close };
  } catch (error) {
    await close();
    throw listenError(error, listen);
  }
}

/** An authority of our own and a certificate for every name by which we may be called. */
async function certificates({ address, listen, environment }: ManagerOptions) {
  const now = environment.clock.now();
  const authority = await createAuthority({ commonName: "sidecarset webhook", now });
  const { dnsNames, ipAddresses } = names(address, listen.host);
  const certificate = await issueLeaf(authority, {
    commonName: "sidecarset webhook",
    usage: "server",
    now,
    dnsNames,
    ipAddresses,
  });
  return { authority: authority.certificate, certificate };
}

function names(address: ManagerOptions["address"], host: string) {
  if (address === "listen") return hostNames(reachable(host));
  if ("url" in address) return hostNames(new URL(address.url).hostname);
  const { name, namespace } = address.service;
  return { dnsNames: [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`], ipAddresses: [] };
}

/** For the URL of a server that listens on this address; one that listens on every address is reached on this machine's own. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return isIPv6(host) ? `[${host}]` : host;
}

function hostNames(host: string): { dnsNames: string[]; ipAddresses: string[] } {
  const bare = host.replace(/^\[|\]$/g, "");
  return isIP(bare) > 0 ? { dnsNames: [], ipAddresses: [bare] } : { dnsNames: [bare], ipAddresses: [] };
}
