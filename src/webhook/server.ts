import { isClusterError } from "../cluster/clusterError.ts";
import type { Environment } from "../cluster/environment.ts";
import { haveSynced, type InjectionCopies } from "../cluster/gatherInjection.ts";
import { type AdmissionContext, type AdmissionHandler, admissionHandlers, reviewBy } from "./admissionHandlers.ts";
import { failure, parseAdmissionReview } from "./admissionReview.ts";
import { type Endpoint, type HttpAnswer, type ServerCertificate, startHttpServer, statusAnswer } from "./httpServer.ts";

export interface WebhookServerOptions extends AdmissionContext {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly certificate: ServerCertificate;
  readonly environment: Environment;
}

export interface WebhookServer {
  readonly port: number;
  /** For connections from now on; those that are open keep theirs. */
  setCertificate(certificate: ServerCertificate): void;
  /** From now on not ready; settles when every request under way has its answer. */
  close(): Promise<void>;
}

/** The API server gives up on us after half of this, so nothing can be waiting for longer. */
const DRAIN_MS = 10_000;

/** Admission over HTTPS, and the health of this process. Rejects when the port cannot be had. */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const { copies, environment } = options;
  let closing = false;
  const admission = [...admissionHandlers(options)].map(
    ([path, handler]) => [path, admissionEndpoint(handler)] as const,
  );
  const server = await startHttpServer({
    ...options,
    endpoints: new Map<string, Endpoint>([
      ...admission,
      ["/livez", { method: "GET", answer: () => plain(200, "ok") }],
      ["/readyz", { method: "GET", answer: () => readiness(closing, copies) }],
    ]),
    clock: environment.clock,
    onError: (path, error) => environment.log("error", "admission failed", { path, error: describe(error) }),
  });
  return {
    port: server.port,
    setCertificate: server.setCertificate,
    close() {
      closing = true;
      return server.close(DRAIN_MS);
    },
  };
}

/**
 * A refusal is an answer; not being able to decide is a failed call (5xx), so that the failure policy of the registration has its say.
 */
function admissionEndpoint(handler: AdmissionHandler): Endpoint {
  return {
    method: "POST",
    async answer(body) {
      const request = parseAdmissionReview(body);
      if (!request.ok) return statusAnswer(failure({ code: 400, reason: "BadRequest", message: request.error }));
      try {
        const review = await reviewBy(handler, request.value);
        return { code: 200, contentType: "application/json", body: JSON.stringify(review) };
      } catch (error) {
        if (!isClusterError(error)) throw error;
        return statusAnswer(failure({ code: 503, reason: "ServiceUnavailable", message: error.message }));
      }
    },
  };
}

function readiness(closing: boolean, copies: InjectionCopies): HttpAnswer {
  if (closing) return plain(503, "closing");
  return haveSynced(copies) ? plain(200, "ok") : plain(503, "the SidecarSets have not been read yet");
}

function plain(code: number, body: string): HttpAnswer {
  return { code, contentType: "text/plain", body: `${body}\n` };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
