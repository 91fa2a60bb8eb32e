import { setMaxListeners } from "node:events";
import type { Registry } from "prom-client";
import type { Cluster } from "../cluster/cluster.ts";
import { type Environment, sleep } from "../cluster/environment.ts";
import type { LeaderPart } from "../cluster/leaderPart.ts";
import { startCopies } from "../cluster/startCopies.ts";
import { Registrations } from "../controller/registrations.ts";
import type { RolloutEvent } from "../controller/rolloutEvent.ts";
import { SelfTest } from "../controller/selfTest.ts";
import { type InstallationRules, injectionRules } from "../core/injection/injectionRules.ts";
import type { WebhookAddress } from "../webhook/registration.ts";
import { listenError } from "./preflight.ts";
import { type CertificateChoice, startCertificates } from "./run/certificates.ts";
import { startHealth } from "./run/health.ts";
import { type Leader, type LeaderChoice, startLeader } from "./run/leader.ts";
import { controllerPart, registrationPart } from "./run/leaderParts.ts";
import type { ManagerContext } from "./run/managerContext.ts";
import { registerLeaderMetric } from "./run/metrics/leaderMetric.ts";
import { type ManagerMetrics, managerMetrics } from "./run/metrics/managerMetrics.ts";
import { registerSelfTestMetrics } from "./run/metrics/selfTestMetrics.ts";
import { type RunningWebhook, startWebhook } from "./run/webhook.ts";
import { type ReachedBy, reachable, webhookNames } from "./run/webhookNames.ts";

export interface ManagerOptions extends InstallationRules {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly listen: { readonly host: string; readonly port: number };
  readonly address: ReachedBy;
  readonly signal: AbortSignal;
  /** Left out: our own Secret. */
  readonly certificates?: CertificateChoice;
  /** Left out: webhook and controller. */
  readonly roles?: ManagerRoles;
  /** Left out: alone. */
  readonly leader?: LeaderChoice;
  /** Health and metrics over plain HTTP; left out: only on the webhook's port. */
  readonly healthPort?: number;
  /** How long the webhook still serves after it has said that it is not ready any more; left out: not at all. */
  readonly shutdownDelayMs?: number;
  /** Where everything is counted; left out: a registry of its own. */
  readonly registry?: Registry;
  /** Told what happens in rollouts, while this process leads. */
  readonly onRollout?: ((event: RolloutEvent) => void) | undefined;
}

interface ManagerRoles {
  readonly controller: boolean;
  readonly webhook: boolean;
}

export interface Manager {
  /** Where the webhook listens; undefined for a manager without one. */
  readonly url: string | undefined;
  readonly healthPort: number | undefined;
  /** Whether this process leads at the moment. */
  readonly leads: boolean;
  /** Whether pods are refused while nobody answers; known to who leads. */
  readonly failsClosed: boolean;
  /** Leads no more, answers what is under way, then stops. */
  close(): Promise<void>;
}

/**
 * One manager. Settles when the webhook listens and it is known who leads: another, or we, and then every part of the leader has begun.
 * An aborted signal closes it in good order, at whatever point it is.
 */
export async function startManager(options: ManagerOptions): Promise<Manager> {
  const { listen, leader: choice = "alone", roles = { controller: true, webhook: true } } = options;
  const stop = new AbortController();
  const { signal } = stop;
  setMaxListeners(0, signal);
  const selfTest = new SelfTest();
  let webhook: RunningWebhook | undefined;
  let leader: Leader | undefined;
  const metrics = managerMetrics({ ...options, clock: options.environment.clock });
  const { registry } = metrics;
  registerSelfTestMetrics(registry, selfTest);
  registerLeaderMetric(registry, () => leader);
  const context = managerContext(options, metrics, signal);
  const names = webhookNames(options.address, listen.host);
  const health = startHealth(context, { registry, selfTest }, () => ({ leader, webhook, hasWebhook: roles.webhook }));
  const close = once(async () => {
    health.closing();
    await Promise.all([leader?.stop(), webhook && drained(webhook, options)]);
    stop.abort();
    await health.close();
  });
  options.signal.addEventListener("abort", () => void close(), { once: true });
  try {
    if (options.healthPort !== undefined) await health.listen({ host: listen.host, port: options.healthPort });
    // On every replica. The leader starts beside the webhook: it is the leader who makes the certificate that the webhook waits for.
    const { certificates, leaderParts: certificateParts } = startCertificates(context, names, options.certificates);
    const listening = roles.webhook
      ? startWebhook(context, { listen, names, certificates, probes: health.probes, registry })
      : undefined;
    // On the leader alone.
    const address = registeredAddress(options, listening);
    // Told by the webhook itself.
    address.catch(() => {});
    const injectCaFrom = options.certificates?.injectCaFrom;
    const registrations = new Registrations(context.rules);
    const leaderParts: readonly LeaderPart[] = [
      ...certificateParts,
      controllerPart(context, registrations, metrics),
      registrationPart(context, { address, certificates, injectCaFrom, registrations, selfTest }),
    ];
    if (roles.controller) leader = startLeader(context, choice, leaderParts);
    webhook = await listening;
    await leader?.decided;
    if (options.signal.aborted) throw new Error("interrupted");
    return {
      url: webhook?.url,
      healthPort: health.port,
      get leads() {
        return leader?.role.kind === "leading";
      },
      get failsClosed() {
        return registrations.failsClosed;
      },
      close,
    };
  } catch (error) {
    await close();
    await webhook?.close();
    throw listenError(error, listen);
  }
}

/** Where the API server is sent: nowhere before the webhook listens there. */
async function registeredAddress(
  { address, listen }: ManagerOptions,
  listening: Promise<RunningWebhook> | undefined,
): Promise<WebhookAddress> {
  const webhook = await listening;
  return address === "listen" ? { url: webhook?.url ?? `https://${reachable(listen.host)}:${listen.port}` } : address;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

function managerContext(options: ManagerOptions, { heard }: ManagerMetrics, signal: AbortSignal): ManagerContext {
  const { cluster, environment, systemNamespace } = options;
  const copies = startCopies({ cluster, environment, signal, systemNamespace, onHeard: heard });
  return { cluster, environment, systemNamespace, copies, rules: injectionRules(options), signal };
}

/** Not ready any more, so that nobody new is sent here; those who do not know yet are served until they do, and keep no connection. */
async function drained(webhook: RunningWebhook, { environment, shutdownDelayMs = 0 }: ManagerOptions): Promise<void> {
  webhook.drain();
  await sleep(environment.clock, shutdownDelayMs);
  await webhook.close();
}
