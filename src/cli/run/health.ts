import type { Registry } from "prom-client";
import { haveSynced } from "../../cluster/gatherInjection.ts";
import type { SelfTest } from "../../controller/selfTest.ts";
import { type HealthCheck, healthEndpoints } from "../../webhook/health.ts";
import { type HealthServer, startHealthServer } from "../../webhook/healthServer.ts";
import type { Endpoint } from "../../webhook/httpServer.ts";
import { metricsEndpoint } from "../../webhook/metricsEndpoint.ts";
import { listenError } from "../preflight.ts";
import { startHeartbeat } from "./heartbeat.ts";
import type { Leader } from "./leader.ts";
import type { ManagerContext } from "./managerContext.ts";
import type { RunningWebhook } from "./webhook.ts";

/** Whose health is told. A part of this process is absent until it runs, and for good when the process does not have it. */
export interface RunningParts {
  readonly hasWebhook: boolean;
  readonly webhook: RunningWebhook | undefined;
  readonly leader: Leader | undefined;
}

export interface ManagerHealth {
  readonly probes: ReadonlyMap<string, Endpoint>;
  /** Of the plain HTTP door; undefined when there is none. */
  readonly port: number | undefined;
  /** Opens the plain HTTP door: health and metrics, nothing else. */
  listen(at: { readonly host: string; readonly port: number }): Promise<void>;
  /** From now on not ready. */
  closing(): void;
  close(): Promise<void>;
}

/** What this process has counted and found, for others to read. */
export interface Records {
  readonly registry: Registry;
  readonly selfTest: SelfTest;
}

export function startHealth(
  { copies }: ManagerContext,
  { registry, selfTest }: Records,
  parts: () => RunningParts,
): ManagerHealth {
  const heartbeat = startHeartbeat();
  let closing = false;
  let server: HealthServer | undefined;
  const live: readonly HealthCheck[] = [
    { name: "eventloop", problem: () => heartbeat.problem() },
    { name: "leadership", problem: () => parts().leader?.problem() },
  ];
  const ready: readonly HealthCheck[] = [
    { name: "shutdown", problem: () => (closing ? "closing" : undefined) },
    { name: "certificate", problem: () => (lacksWebhook(parts()) ? "it is not loaded yet" : undefined) },
    {
      name: "copies",
      problem: () => (haveSynced(copies) ? undefined : "the cluster's objects have not been read yet"),
    },
    { name: "webhook", problem: () => webhookProblem(parts()) },
  ];
  const probes = new Map([
    ...healthEndpoints({ live, ready }),
    ["/metrics", metricsEndpoint(registry)] as const,
    ["/self-test-record", selfTestEndpoint(selfTest)] as const,
  ]);
  return {
    probes,
    get port() {
      return server?.port;
    },
    async listen(at) {
      try {
        server = await startHealthServer({ ...at, endpoints: probes });
      } catch (error) {
        throw listenError(error, at, "--health-port");
      }
    },
    closing() {
      closing = true;
    },
    async close() {
      heartbeat.stop();
      await server?.close();
    },
  };
}

/** When the API server has reached the webhook, and when not, as far as this process has led: evidence for pods without sidecars. */
function selfTestEndpoint({ windows }: SelfTest): Endpoint {
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    method: "GET",
    async answer() {
      const told = windows.map(({ from, until, ...found }) => ({ ...found, from: time(from), until: time(until) }));
      return { code: 200, contentType: "application/json", body: `${JSON.stringify({ windows: told })}\n` };
    },
  };
}

function lacksWebhook({ hasWebhook, webhook }: RunningParts): boolean {
  return hasWebhook && webhook === undefined;
}

async function webhookProblem(parts: RunningParts): Promise<string | undefined> {
  return lacksWebhook(parts) ? "it does not listen yet" : parts.webhook?.problem();
}
