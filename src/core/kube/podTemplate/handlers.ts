import type { FieldError } from "../../result.ts";
import { forbidden, invalid, invalidIf, oneOf, required } from "../fieldErrors.ts";

interface CheckedHandler {
  readonly exec?: { readonly command?: readonly string[] };
  readonly httpGet?: {
    readonly path?: string;
    readonly port?: number | string;
    readonly scheme?: string;
    readonly httpHeaders?: readonly { readonly name?: string }[];
  };
  readonly tcpSocket?: { readonly port?: number | string };
  readonly grpc?: { readonly port?: number };
  readonly sleep?: { readonly seconds?: number };
}

export interface CheckedProbe extends CheckedHandler {
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
  readonly terminationGracePeriodSeconds?: number;
}

export interface CheckedLifecycle {
  readonly postStart?: CheckedHandler;
  readonly preStop?: CheckedHandler;
}

const PROBE_HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc"] as const;
const LIFECYCLE_HANDLERS = ["exec", "httpGet", "tcpSocket", "sleep"] as const;
const COUNTS = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

export type ProbeKind = "livenessProbe" | "readinessProbe" | "startupProbe";

export function probeErrors(probe: CheckedProbe, kind: ProbeKind, path: string): FieldError[] {
  const { successThreshold = 1, terminationGracePeriodSeconds: grace } = probe;
  return [
    ...handlerErrors(probe, PROBE_HANDLERS, path),
    ...COUNTS.filter((field) => (probe[field] ?? 0) < 0).flatMap((field) =>
      invalid(`${path}.${field}`, probe[field], "must not be negative"),
    ),
    // 0 is what Kubernetes fills in as 1.
    ...(kind !== "readinessProbe" && successThreshold > 1
      ? invalid(`${path}.successThreshold`, successThreshold, "must be 1")
      : []),
    ...(kind === "readinessProbe" && grace !== undefined
      ? invalid(`${path}.terminationGracePeriodSeconds`, grace, "must not be set for a readiness probe")
      : []),
    ...(kind !== "readinessProbe" && grace !== undefined && grace <= 0
      ? invalid(`${path}.terminationGracePeriodSeconds`, grace, "must be greater than 0")
      : []),
  ];
}

export function lifecycleErrors({ postStart, preStop }: CheckedLifecycle, path: string): FieldError[] {
  return [
    ...(postStart ? handlerErrors(postStart, LIFECYCLE_HANDLERS, `${path}.postStart`) : []),
    ...(preStop ? handlerErrors(preStop, LIFECYCLE_HANDLERS, `${path}.preStop`) : []),
  ];
}

type HandlerKind = keyof CheckedHandler;

function handlerErrors(handler: CheckedHandler, kinds: readonly HandlerKind[], path: string): FieldError[] {
  const given = kinds.filter((kind) => handler[kind] !== undefined);
  if (given.length === 0) return required(path, `name one handler: ${kinds.join(", ")}`);
  return given.flatMap((kind, index) =>
    index > 0
      ? forbidden(`${path}.${kind}`, "only one handler may be given")
      : HANDLERS[kind](handler as Required<CheckedHandler>, `${path}.${kind}`),
  );
}

const HANDLERS: Readonly<
  Record<HandlerKind, (handler: Required<CheckedHandler>, path: string) => readonly FieldError[]>
> = {
  exec: ({ exec: { command = [] } }, path) =>
    command.length === 0 ? required(`${path}.command`, "give a command") : [],
  httpGet: ({ httpGet: { path: urlPath, port, scheme, httpHeaders = [] } }, path) => [
    ...(urlPath === "" ? required(`${path}.path`, "give a path") : []),
    ...portErrors(port, `${path}.port`),
    ...oneOf(scheme || undefined, ["HTTP", "HTTPS"], `${path}.scheme`),
    ...httpHeaders.flatMap(({ name = "" }, index) =>
      /^[-A-Za-z0-9]+$/.test(name)
        ? []
        : invalid(`${path}.httpHeaders[${index}]`, name, "a header name consists of letters, digits and '-'"),
    ),
  ],
  tcpSocket: ({ tcpSocket: { port } }, path) => portErrors(port, `${path}.port`),
  grpc: ({ grpc: { port } }, path) => portErrors(port, `${path}.port`),
  // No longer than the grace period, which is the pod's.
  sleep: ({ sleep: { seconds = 0 } }, path) =>
    seconds < 0 ? invalid(`${path}.seconds`, seconds, "must not be negative") : [],
};

function portErrors(port: number | string | undefined, path: string): FieldError[] {
  return invalidIf(typeof port === "string" ? portNameProblem(port) : portNumberProblem(port ?? 0), path, port ?? 0);
}

export function portNumberProblem(port: number): string | undefined {
  return port >= 1 && port <= 65535 ? undefined : "must be between 1 and 65535";
}

export function portNameProblem(name: string): string | undefined {
  if (name.length > 15) return "must be no more than 15 characters";
  if (!/^[-a-z0-9]+$/.test(name)) return "consists of lower-case letters, digits and '-'";
  if (!/[a-z]/.test(name)) return "needs at least one letter";
  return /--|^-|-$/.test(name) ? "must not begin or end with '-' or contain '--'" : undefined;
}
