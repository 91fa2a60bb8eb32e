import { type Environment, type Log, systemClock } from "../../cluster/environment.ts";
import type { Json } from "../../core/kube/object.ts";
import { connect } from "../../kubeapi/connect.ts";
import type { WebhookAddress } from "../../webhook/registration.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { untilInterrupted } from "../interrupt.ts";
import { untilOpenKruiseEnds, watchForOpenKruise } from "../migrate/untilOpenKruiseEnds.ts";
import { leasePreflight, preflight } from "../preflight.ts";
import type { CertificateOrigin } from "../run/certificates.ts";
import { type Configuration, readConfiguration, rolesOf } from "../run/configuration.ts";
import { LEASE_NAME } from "../run/leader.ts";
import { processRegistry } from "../run/metrics/processRegistry.ts";
import { registerRequestMetrics } from "../run/metrics/requestMetrics.ts";
import { startRolloutTracing } from "../run/rolloutTracing.ts";
import { type Manager, type ManagerOptions, startManager } from "../startManager.ts";
import { jsonLog, textLog } from "../terminal/log.ts";
import { styleFor } from "../terminal/style.ts";
import { VERSION } from "../version.ts";

export interface RunFlags {
  /** Of the command line alone, as text; true for a flag alone. */
  readonly flags: Readonly<Record<string, string | boolean>>;
  /** Path of the configuration file. */
  readonly config?: string;
}

/** For who stops the manager for good. */
const UNDO = { remove: "sidecarset unregister" };
const SHUTDOWN_DELAY_SECONDS = 5;
const HEALTH_PORT = 8080;
/** Beyond the shutdown delay; Kubernetes kills after 30 s. */
const SHUTDOWN_MS = 20_000;

/** The manager in the foreground, until it is asked to end. */
export async function run(given: RunFlags): Promise<void> {
  const configuration = await configurationOf(given);
  const log = logFor(configuration);
  const environment = { clock: systemClock, random: Math.random, log };
  const { systemNamespace, kubeconfig, context } = configuration;
  const roles = rolesOf(configuration);
  const registry = processRegistry();
  const cluster = await connect({
    ...(kubeconfig ? { kubeconfig } : {}),
    ...(context ? { context } : {}),
    variables: process.env,
    userAgent: `sidecarset/${VERSION}`,
    onAnswer: registerRequestMetrics(registry),
  });
  const stop = untilInterrupted();
  const { tracesEndpoint: endpoint } = configuration;
  const traces = await startRolloutTracing({ endpoint, environment, version: VERSION }, process.env);
  try {
    const options = managerOptions(configuration, environment);
    const { healthPort: port, listen } = options;
    const health = port === undefined ? undefined : { host: listen.host, port };
    if (configuration.observe) {
      const { observe } = await import("../observe/observe.ts");
      const output = configuration.logFormat;
      process.exitCode = await observe({ ...options, ...stop, cluster, registry, health, output });
      return;
    }
    await untilOpenKruiseEnds({ cluster, environment, systemNamespace, health, signal: stop.signal });
    if (stop.signal.aborted) {
      process.exitCode = EXIT.done;
      return;
    }
    await preflight(cluster, systemNamespace);
    if (roles.controller) await leasePreflight(cluster, systemNamespace, LEASE_NAME);
    const onRollout = traces?.onRollout;
    const manager = await startManager({ ...options, cluster, registry, onRollout, signal: stop.signal });
    log("info", "manager started", startedFields(manager, options));
    void watchForOpenKruise({ cluster, environment, systemNamespace, signal: stop.signal });
    await stop.interrupted;
    log("info", "stopping");
    if (configuration.webhookUrl && manager.failsClosed)
      log(
        "warn",
        "the webhook stays registered: until a manager runs again, pods of SidecarSets that fail closed are refused",
        UNDO,
      );
    await boundedClose(manager, options.shutdownDelayMs);
    log("info", "stopped");
    process.exitCode = EXIT.done;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    process.exitCode = EXIT.interrupted;
  } finally {
    await Promise.all([cluster.close(), traces?.close()]);
    stop.release();
  }
}

async function configurationOf({ flags, config }: RunFlags): Promise<Configuration> {
  const file = config === undefined ? {} : { file: { path: config, content: await contentOf(config) } };
  const configuration = readConfiguration({ flags, ...file });
  if (configuration.ok) return configuration.value;
  const { error: errors } = configuration;
  const [only = ""] = errors;
  const message = errors.length === 1 ? only : `${errors.length} settings are wrong:\n  ${errors.join("\n  ")}`;
  throw new CommandError(message, EXIT.usage);
}

/** Few managers have a file, and none needs YAML before it is read. */
async function contentOf(path: string): Promise<Json> {
  const { readConfigurationFile } = await import("../run/configurationFile.ts");
  return readConfigurationFile(path);
}

function logFor({ logLevel: least, logFormat }: Configuration): Log {
  const options = { write: (line: string) => void process.stderr.write(line), least };
  return logFormat === "json" ? jsonLog(options) : textLog(options, styleFor(process.stderr));
}

type FromConfiguration = Omit<ManagerOptions, "cluster" | "signal"> & { readonly shutdownDelayMs: number };

function managerOptions(configuration: Configuration, environment: Environment): FromConfiguration {
  const { listen: host, port, systemNamespace, excludedNamespaces, defaultFailurePolicy } = configuration;
  const { healthPort, leaseDuration, shutdownDelay, webhookUrl } = configuration;
  const roles = rolesOf(configuration);
  const door = healthPort ?? (roles.webhook ? undefined : HEALTH_PORT);
  return {
    environment,
    systemNamespace,
    excludedNamespaces,
    defaultFailurePolicy,
    listen: { host, port },
    address: addressOf(configuration),
    certificates: { from: certificateOrigin(configuration), injectCaFrom: configuration.injectCaFrom },
    roles,
    leader: { leaseSeconds: leaseDuration },
    ...(door === undefined ? {} : { healthPort: door }),
    shutdownDelayMs: (shutdownDelay ?? (webhookUrl ? 0 : SHUTDOWN_DELAY_SECONDS)) * 1000,
  };
}

function addressOf({ webhookUrl, systemNamespace, service }: Configuration): WebhookAddress {
  return webhookUrl ? { url: webhookUrl } : { service: { namespace: systemNamespace, name: service } };
}

function certificateOrigin({ certificateSecret, certificateDir }: Configuration): CertificateOrigin {
  if (certificateSecret !== undefined) return { kind: "secret", name: certificateSecret };
  return certificateDir === undefined ? { kind: "own" } : { kind: "folder", folder: certificateDir };
}

function startedFields(manager: Manager, options: FromConfiguration): Readonly<Record<string, unknown>> {
  const {
    systemNamespace,
    excludedNamespaces,
    defaultFailurePolicy,
    roles = { controller: true, webhook: true },
  } = options;
  const runs = (["controller", "webhook"] as const).filter((role) => roles[role]).join("+");
  const { url: webhook, healthPort, leads } = manager;
  const installation = { systemNamespace, excludedNamespaces, defaultFailurePolicy };
  return { runs, webhook, healthPort, leads, ...installation, version: VERSION };
}

/** What hangs does not keep the process: it would be killed with less said. */
async function boundedClose(manager: Manager, shutdownDelayMs: number): Promise<void> {
  let cancel = (): void => {};
  const late = new Promise<never>((_resolve, reject) => {
    const limitMs = shutdownDelayMs + SHUTDOWN_MS;
    cancel = systemClock.after(limitMs, () => reject(new CommandError(`not ended within ${limitMs / 1000} s`)));
  });
  await Promise.race([manager.close(), late]).finally(cancel);
}
