import type { Cluster } from "../cluster/cluster.ts";
import { isClusterError } from "../cluster/clusterError.ts";
import type { Environment } from "../cluster/environment.ts";
import { gatherInjection, haveSynced, type InjectionCopies } from "../cluster/gatherInjection.ts";
import {
  type AdmissionAnswer,
  type AdmissionRequest,
  failure,
  formatAdmissionReview,
  parseAdmissionReview,
} from "./admissionReview.ts";
import { admitPod } from "./admitPod.ts";
import { mutateSidecarSet, validateSidecarSet } from "./admitSidecarSet.ts";
import { type Endpoint, type HttpAnswer, type ServerCertificate, startHttpServer, statusAnswer } from "./httpServer.ts";
import { WEBHOOK_PATHS } from "./registration.ts";

export interface WebhookServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly certificate: ServerCertificate;
  readonly copies: InjectionCopies;
  /** Asked only for a namespace that the copy does not know yet. */
  readonly cluster: Pick<Cluster, "get">;
  readonly environment: Environment;
}

export interface WebhookServer {
  readonly port: number;
  setCertificate(certificate: ServerCertificate): void;
  /** From now on not ready; settles when every request under way has its answer. */
  close(): Promise<void>;
}

type Admit = (request: AdmissionRequest) => AdmissionAnswer | Promise<AdmissionAnswer>;

/** The API server gives up on us after this long, so nothing can be waiting for longer. */
const DRAIN_MS = 10_000;

/** Admission over HTTPS, and the health of this process. Rejects when the port cannot be had. */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const { copies, environment } = options;
  let closing = false;
  const pods: Admit = async (request) => {
    const reader = { cluster: options.cluster, clock: environment.clock };
    const gathered = await gatherInjection(copies, request.namespace, reader);
    return admitPod(request, gathered, environment.clock.now());
  };
  const endpoints = new Map<string, Endpoint>([
    [WEBHOOK_PATHS.pods, admission(pods)],
    [WEBHOOK_PATHS.sidecarSetHashes, admission(mutateSidecarSet)],
    [WEBHOOK_PATHS.sidecarSetValidation, admission(validateSidecarSet)],
    ["/livez", { method: "GET", answer: () => plain(200, "ok") }],
    ["/readyz", { method: "GET", answer: () => readiness(closing, copies) }],
  ]);
  const server = await startHttpServer({
    ...options,
    endpoints,
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
function admission(admit: Admit): Endpoint {
  return {
    method: "POST",
    async answer(body) {
      const request = parseAdmissionReview(body);
      if (!request.ok) return statusAnswer(failure({ code: 400, reason: "BadRequest", message: request.error }));
      try {
        const review = formatAdmissionReview(request.value.uid, await admit(request.value));
        return { code: 200, contentType: "application/json", body: review };
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
