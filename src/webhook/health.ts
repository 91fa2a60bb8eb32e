import type { Endpoint, HttpAnswer } from "./httpServer.ts";

/** One line of `?verbose`. */
export interface HealthCheck {
  readonly name: string;
  /** @returns why not; undefined when all is well */
  readonly problem: () => string | undefined | Promise<string | undefined>;
}

export interface Health {
  /** What only another process can mend: the kubelet starts one. */
  readonly live: readonly HealthCheck[];
  /** What has to be so for somebody to be sent here. */
  readonly ready: readonly HealthCheck[];
}

/** `/livez` and `/readyz`, each with `?verbose`, in the form that Kubernetes' own components answer. */
export function healthEndpoints({ live, ready }: Health): ReadonlyMap<string, Endpoint> {
  return new Map<string, Endpoint>([
    ["/livez", { method: "GET", answer: (url) => examine("livez", live, url) }],
    ["/readyz", { method: "GET", answer: (url) => examine("readyz", ready, url) }],
  ]);
}

async function examine(name: string, checks: readonly HealthCheck[], url: string): Promise<HttpAnswer> {
  const problems = await Promise.all(checks.map(problemOf));
  const failed = problems.some((problem) => problem !== undefined);
  if (!failed && !isVerbose(url)) return text(200, "ok");
  const lines = checks.map((check, index) => line(check.name, problems[index]));
  return text(failed ? 503 : 200, [...lines, `${name} check ${failed ? "failed" : "passed"}`].join("\n"));
}

async function problemOf({ problem }: HealthCheck): Promise<string | undefined> {
  try {
    return await problem();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function line(name: string, problem: string | undefined): string {
  return problem === undefined ? `[+]${name} ok` : `[-]${name} failed: ${problem.replaceAll("\n", " ")}`;
}

function isVerbose(url: string): boolean {
  return new URLSearchParams(url.split("?", 2)[1]).has("verbose");
}

function text(code: number, body: string): HttpAnswer {
  return { code, contentType: "text/plain", body: `${body}\n` };
}
