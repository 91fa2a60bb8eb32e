import { request } from "node:https";
import { checkServerIdentity } from "node:tls";
import type { ServingCertificate } from "../../webhook/certificates/certificates.ts";
import type { CertificateNames } from "./webhookNames.ts";

const LONGEST_MS = 1_000;

export interface OwnWebhook {
  readonly host: string;
  readonly port: number;
  readonly names: CertificateNames;
  readonly certificate: ServingCertificate;
}

/** Calls our own webhook as the API server does: by its name, trusting its authority alone. @returns why it does not answer */
export function localCall({ host, port, names, certificate }: OwnWebhook): Promise<string | undefined> {
  const [dnsName] = names.dnsNames;
  const name = dnsName ?? names.ipAddresses[0] ?? host;
  return new Promise((resolve) => {
    const call = request(
      {
        host: host.replace(/^\[|\]$/g, ""),
        port,
        path: "/livez",
        ca: certificate.authority,
        agent: false,
        timeout: LONGEST_MS,
        ...(dnsName ? { servername: dnsName } : {}),
        checkServerIdentity: (_host, peer) => checkServerIdentity(name, peer),
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200 ? undefined : `it answers with ${response.statusCode}`);
      },
    );
    call.on("timeout", () => call.destroy(new Error(`no answer within ${LONGEST_MS} ms`)));
    call.on("error", (error) => resolve(error.message));
    call.end();
  });
}
