import { Agent, type RequestOptions, request } from "node:https";
import { addressOf, type WebhookCall, type WebhookCaller } from "./webhookCaller.ts";
import type { ClientConfig } from "./webhookConfiguration.ts";

export interface HttpsWebhookSettings {
  /** Where the pods behind a Service listen; an embedded cluster has no network of its own. */
  readonly resolveService?: (
    service: NonNullable<ClientConfig["service"]>,
  ) => { host: string; port: number } | undefined;
}

/** Calls webhooks as a real API server does: POST over TLS, verified by the caBundle, over connections that stay open. */
export function httpsWebhooks({ resolveService }: HttpsWebhookSettings = {}): WebhookCaller {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return {
    async call(call) {
      const url = `${addressOf(call.clientConfig)}?timeout=${call.timeoutSeconds}s`;
      const place = destination(call.clientConfig, resolveService);
      const { statusCode, text } = await post(new URL(url), { ...place, agent }, call).catch((error: unknown) => {
        throw new Error(`Post "${url}": ${reasonOf(error, call.signal)}`);
      });
      if (statusCode < 200 || statusCode >= 300) throw new Error(refusalOf(statusCode, text));
      return JSON.parse(text);
    },
    close: () => agent.destroy(),
  };
}

function destination(
  { service, caBundle }: ClientConfig,
  resolveService: HttpsWebhookSettings["resolveService"],
): RequestOptions {
  const trust = caBundle === undefined ? {} : { ca: Buffer.from(caBundle, "base64").toString() };
  if (service === undefined) return trust;
  const found = resolveService?.(service);
  const serverName = `${service.name}.${service.namespace}.svc`;
  return { ...trust, ...(found ? { host: found.host, port: found.port } : {}), servername: serverName };
}

function post(url: URL, options: RequestOptions, call: WebhookCall): Promise<{ statusCode: number; text: string }> {
  const body = Buffer.from(JSON.stringify(call.review));
  const headers = { "content-type": "application/json", accept: "application/json", "content-length": body.length };
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, method: "POST", headers, signal: call.signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ statusCode: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** In Go's words, because people search for them. */
function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return "context deadline exceeded";
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  return code === "ECONNREFUSED" ? `dial tcp ${address}:${port}: connect: connection refused` : error.message;
}

function refusalOf(statusCode: number, text: string): string {
  if (statusCode === 404) return "the server could not find the requested resource";
  if (statusCode >= 500) {
    return `an error on the server (${JSON.stringify(text.trim())}) has prevented the request from succeeding`;
  }
  return `the server answered ${statusCode}: ${text.trim().slice(0, 200)}`;
}
