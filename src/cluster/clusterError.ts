import type { Status } from "../core/kube/object.ts";

export type ClusterErrorKind =
  | "notFound"
  | "alreadyExists"
  | "conflict" // 409 on a stale resourceVersion, or a failed `test` operation
  | "invalid" // 422
  | "badRequest"
  | "forbidden"
  | "unauthorized"
  | "gone" // 410: the version asked for is no longer in the history
  | "tooManyRequests" // 429, see retryAfterSeconds
  | "notImplemented" // 501: the server says that it does not know this part of Kubernetes
  | "unsupportedMediaType"
  | "notLeading" // refused by ourselves: another process leads, or may lead, see fencedCluster.ts
  | "unavailable" // connection refused, reset, timed out, or a 5xx
  | "unknown";

/** Everything a cluster can refuse or fail at. The kinds are what callers decide on; `status` is what the server said. */
export class ClusterError extends Error {
  readonly kind: ClusterErrorKind;
  readonly status: Status | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    kind: ClusterErrorKind,
    message: string,
    details: { status?: Status; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = "ClusterError";
    this.kind = kind;
    this.status = details.status;
    this.retryAfterSeconds = details.retryAfterSeconds ?? details.status?.details?.retryAfterSeconds;
  }

  static fromStatus(status: Status): ClusterError {
    return new ClusterError(kindOf(status), status.message ?? status.reason ?? "the server refused without a reason", {
      status,
    });
  }
}

export function isClusterError(error: unknown, ...kinds: readonly ClusterErrorKind[]): error is ClusterError {
  return error instanceof ClusterError && (kinds.length === 0 || kinds.includes(error.kind));
}

const KIND_BY_CODE: Readonly<Record<number, ClusterErrorKind>> = {
  400: "badRequest",
  401: "unauthorized",
  403: "forbidden",
  404: "notFound",
  409: "conflict",
  410: "gone",
  415: "unsupportedMediaType",
  422: "invalid",
  429: "tooManyRequests",
  501: "notImplemented",
};

function kindOf(status: Status): ClusterErrorKind {
  if (status.reason === "AlreadyExists") return "alreadyExists";
  if (status.reason === "Expired" || status.reason === "Gone") return "gone";
  const code = status.code ?? 0;
  return KIND_BY_CODE[code] ?? (code >= 500 ? "unavailable" : "unknown");
}
