import type { Registry } from "prom-client";
import { RevisionTally } from "../../cluster/revisionTally.ts";
import type { Certificates } from "../../webhook/certificates/certificates.ts";
import type { Endpoint } from "../../webhook/httpServer.ts";
import { registrationAnnouncer } from "../../webhook/registrationAnnouncer.ts";
import { startWebhookServer } from "../../webhook/server.ts";
import { localCall } from "./localCall.ts";
import type { ManagerContext } from "./managerContext.ts";
import { type CertificateNames, reachable } from "./webhookNames.ts";

export interface WebhookOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly names: CertificateNames;
  readonly certificates: Certificates;
  /** Health of the process, served beside the admission. */
  readonly probes: ReadonlyMap<string, Endpoint>;
  readonly registry: Registry;
}

export interface RunningWebhook {
  readonly url: string;
  /** @returns why it does not answer a call from here */
  problem(): Promise<string | undefined>;
  /** Still answers, and ends every connection with its next answer. */
  drain(): void;
  close(): Promise<void>;
}

/** Settles when it listens, which needs a certificate. Rejects when the port cannot be had, or when the manager ends before. */
export async function startWebhook(context: ManagerContext, options: WebhookOptions): Promise<RunningWebhook> {
  const { listen, names, certificates, probes, registry } = options;
  const certificate = await unlessEnded(certificates.first, context.signal);
  const tally = new RevisionTally(context.copies.pods, context.environment.clock);
  const announce = registrationAnnouncer(context);
  const server = await startWebhookServer({ ...listen, ...context, certificate, tally, announce, probes, registry });
  certificates.subscribe((next) => server.setCertificate(next));
  const host = reachable(listen.host);
  const { port } = server;
  return {
    url: `https://${host}:${port}`,
    problem: () => localCall({ host, port, names, certificate: certificates.current() ?? certificate }),
    drain: () => server.drain(),
    close: () => server.close(),
  };
}

function unlessEnded<T>(coming: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("the manager has ended")), { once: true });
    coming.then(resolve, reject);
  });
}
