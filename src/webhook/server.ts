import { Registry } from "prom-client";
import { endOf } from "../certificate/planCertificate.ts";
import { isClusterError } from "../cluster/clusterError.ts";
import type { Environment } from "../cluster/environment.ts";
import { haveSynced, type InjectionCopies } from "../cluster/gatherInjection.ts";
import { andThen, orElse } from "../cluster/soon.ts";
import { type AdmissionContext, type AdmissionHandler, admissionHandlers, answerBy } from "./admissionHandlers.ts";
import { admissionMetrics } from "./admissionMetrics.ts";
import { admissionReviewText, failure, parseAdmissionReview } from "./admissionReview.ts";
import {
  type Endpoint,
  type HttpAnswer,
  type PostEndpoint,
  type ServerCertificate,
  startHttpServer,
  statusAnswer,
} from "./httpServer.ts";
import { metricsEndpoint } from "./metricsEndpoint.ts";
import { withoutManagedFields } from "./withoutManagedFields.ts";

export interface WebhookServerOptions extends AdmissionContext {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly certificate: ServerCertificate;
  readonly environment: Environment;
  /** Where it counts; left out: a registry of its own. */
  readonly registry?: Registry;
  /** Health of the whole process, in place of that of the webhook alone: `/livez`, `/readyz`. */
  readonly probes?: ReadonlyMap<string, Endpoint>;
}

export interface WebhookServer {
  readonly port: number;
  /** For connections from now on; those that are open keep theirs. */
  setCertificate(certificate: ServerCertificate): void;
  /** From now on callers that keep their connection are told to make another, which leads them elsewhere once nobody new is sent here. */
  drain(): void;
  /** From now on not ready; settles when every request under way has its answer. */
  close(): Promise<void>;
}

/** The API server gives up on us after half of this, so nothing can be waiting for longer. */
const DRAIN_MS = 10_000;

/** Admission over HTTPS, the health of this process, and what it counts. Rejects when the port cannot be had. */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const { copies, environment, registry = new Registry() } = options;
  let closing = false;
  const metrics = admissionMetrics(registry);
  const admission = [...admissionHandlers({ ...options, metrics })].map(
    ([path, handler]) =>
      [path, timed(admissionEndpoint(handler), (seconds) => metrics.observe(path.slice(1), seconds))] as const,
  );
  const told = (certificate: ServerCertificate): void => metrics.certificateEndsAt(endOf(certificate) / 1000);
  told(options.certificate);
  const server = await startHttpServer({
    ...options,
    endpoints: new Map<string, Endpoint>([
      ...admission,
      ["/livez", { method: "GET", answer: () => plain(200, "ok") }],
      ["/metrics", metricsEndpoint(registry)],
      ["/readyz", { method: "GET", answer: () => readiness(closing, copies) }],
      ...(options.probes ?? []),
    ]),
    clock: environment.clock,
    onError: (path, error) => environment.log("error", "admission failed", { path, error: describe(error) }),
  });
  return {
    port: server.port,
    setCertificate(certificate) {
      server.setCertificate(certificate);
      told(certificate);
    },
    drain: () => server.drain(),
    close() {
      closing = true;
      return server.close(DRAIN_MS);
    },
  };
}

/**
 * A refusal is an answer; not being able to decide is a failed call (5xx), so that the failure policy of the registration has its say.
 */
function admissionEndpoint(handler: AdmissionHandler): PostEndpoint {
  return {
    method: "POST",
    answer(body) {
      const request = parseAdmissionReview(withoutManagedFields(body));
      if (!request.ok) return statusAnswer(failure({ code: 400, reason: "BadRequest", message: request.error }));
      return orElse(() => andThen(answerBy(handler, request.value, admissionReviewText), reviewAnswer), unavailable);
    },
  };
}

function reviewAnswer(review: string): HttpAnswer {
  return { code: 200, contentType: "application/json", body: review };
}

function unavailable(error: unknown): HttpAnswer {
  if (!isClusterError(error)) throw error;
  return statusAnswer(failure({ code: 503, reason: "ServiceUnavailable", message: error.message }));
}

/** For a metric, so by the real clock: no decision depends on it. What fails by a bug has no answer, and no time. */
function timed({ method, answer }: PostEndpoint, observe: (seconds: number) => void): PostEndpoint {
  return {
    method,
    answer(body) {
      const started = performance.now();
      const observed = (given: HttpAnswer): HttpAnswer => {
        observe((performance.now() - started) / 1000);
        return given;
      };
      return andThen(answer(body), observed);
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
