import { setMaxListeners } from "node:events";
import type { Cluster } from "../cluster/cluster.ts";
import type { Environment } from "../cluster/environment.ts";
import type { LeaderPart } from "../cluster/leaderPart.ts";
import { RevisionTally } from "../cluster/revisionTally.ts";
import { startCopies } from "../cluster/startCopies.ts";
import { type InstallationRules, injectionRules } from "../core/injection/injectionRules.ts";
import { startWebhookServer, type WebhookServer } from "../webhook/server.ts";
import { listenError } from "./preflight.ts";
import { type Certificates, certificatesInMemory } from "./run/certificates.ts";
import { controllerPart, registrationPart } from "./run/leaderParts.ts";
import type { ManagerContext } from "./run/managerContext.ts";
import { type ReachedBy, reachable, webhookNames } from "./run/webhookNames.ts";

export interface ManagerOptions extends InstallationRules {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly listen: { readonly host: string; readonly port: number };
  readonly address: ReachedBy;
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
  const { listen } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  setMaxListeners(0, signal);
  const context = managerContext(options, signal);
  let server: WebhookServer | undefined;
  const close = async (): Promise<void> => {
    await server?.close();
    stop.abort();
  };
  try {
    // On every replica.
    const certificates = certificatesInMemory(context, webhookNames(options.address, listen.host));
    server = await startWebhook(context, listen, certificates);
    const url = `https://${reachable(listen.host)}:${server.port}`;
    // On the leader alone.
    const address = options.address === "listen" ? { url } : options.address;
    const leaderParts: readonly LeaderPart[] = [
      controllerPart(context),
      registrationPart(context, address, certificates),
    ];
    for (const part of leaderParts) await part.start({ signal, cluster: context.cluster });
    return { url, close };
  } catch (error) {
    await close();
    throw listenError(error, listen);
  }
}

function managerContext(options: ManagerOptions, signal: AbortSignal): ManagerContext {
  const { cluster, environment, systemNamespace } = options;
  const copies = startCopies({ cluster, environment, signal, systemNamespace });
  return { cluster, environment, systemNamespace, copies, rules: injectionRules(options), signal };
}

async function startWebhook(
  context: ManagerContext,
  listen: ManagerOptions["listen"],
  certificates: Certificates,
): Promise<WebhookServer> {
  const certificate = await certificates.first;
  const tally = new RevisionTally(context.copies.pods, context.environment.clock);
  const server = await startWebhookServer({ ...listen, ...context, certificate, tally });
  certificates.subscribe((next) => server.setCertificate(next));
  return server;
}
