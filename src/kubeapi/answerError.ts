import { ClusterError } from "../cluster/clusterError.ts";
import type { Status } from "../core/kube/object.ts";
import { readStatus } from "./protobuf/answer.ts";
import { isProtobuf } from "./protobuf/mediaType.ts";
import type { Answer } from "./transport.ts";

/** What an answer of 400 or above means. Proxies and plain handlers answer with text instead of a Status; its first line is kept. */
export function errorFromAnswer(code: number, answer: Answer, retryAfter: RetryAfter): ClusterError {
  const status = parseStatus(answer) ?? statusFromText(code, answer.body.toString("utf8"));
  const seconds = secondsOf(retryAfter);
  if (seconds === undefined || status.details?.retryAfterSeconds) return ClusterError.fromStatus(status);
  return ClusterError.fromStatus({ ...status, details: { ...status.details, retryAfterSeconds: seconds } });
}

export interface RetryAfter {
  /** As it was sent: seconds, or a date, which proxies prefer. */
  readonly header: string | undefined;
  readonly nowMs: number;
}

function secondsOf({ header, nowMs }: RetryAfter): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - nowMs) / 1000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

/** An error below HTTP: the connection was refused, broken, or not trusted. */
export function errorFromConnection(error: unknown, server: string, source: string): ClusterError {
  const reason = connectionReason(error);
  return new ClusterError("unavailable", `cannot reach the API server at ${server} (${source}): ${reason}`, {
    cause: error,
  });
}

/** Codes of Node and undici, in words a person at a terminal understands. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused, nothing listens there",
  ECONNRESET: "the connection was reset",
  ENOTFOUND: "the host name is unknown",
  EAI_AGAIN: "the host name cannot be resolved at the moment",
  ETIMEDOUT: "the connection timed out",
  EHOSTUNREACH: "there is no route to the host",
  UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
  UND_ERR_HEADERS_TIMEOUT: "the server did not answer in time",
  UND_ERR_BODY_TIMEOUT: "the server stopped in the middle of its answer",
  UND_ERR_SOCKET: "the server closed the connection",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed and not the authority we were given",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is signed by an unknown authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is signed by an unknown authority",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS (http instead of https?)",
};

function connectionReason(error: unknown): string {
  // Several addresses of one host fail together; the first tells enough.
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const code = (first as { code?: unknown } | undefined)?.code;
  const message = first instanceof Error ? first.message : String(first);
  return (typeof code === "string" && REASONS[code]) || message;
}

function parseStatus({ contentType, body }: Answer): Status | undefined {
  try {
    if (isProtobuf(contentType)) return readStatus(body);
    const parsed = JSON.parse(body.toString("utf8")) as Partial<Status> | null;
    return parsed?.kind === "Status" ? (parsed as Status) : undefined;
  } catch {
    return undefined;
  }
}

function statusFromText(code: number, body: string): Status {
  const line = body.trim().split("\n")[0]!.slice(0, 300);
  const message = line === "" ? `the server answered ${code}` : `the server answered ${code}: ${line}`;
  return { apiVersion: "v1", kind: "Status", metadata: {}, status: "Failure", code, message };
}
