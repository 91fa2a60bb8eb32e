import { systemClock } from "../../cluster/environment.ts";
import type { FailurePolicy } from "../../core/sidecarSet/sidecarSet.ts";
import { connect } from "../../kubeapi/connect.ts";
import { EXIT } from "../exitCode.ts";
import { untilInterrupted } from "../interrupt.ts";
import { dnsLabel, excludedNamespaces, preflight, webhookAddress } from "../preflight.ts";
import { startManager } from "../startManager.ts";
import { jsonLog, type LogLevel } from "../terminal/jsonLog.ts";
import { VERSION } from "../version.ts";

interface RunOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly port: number;
  readonly listen: string;
  readonly webhookUrl?: string;
  readonly service: string;
  readonly systemNamespace: string;
  readonly excludedNamespaces: string;
  readonly defaultFailurePolicy: FailurePolicy;
  readonly logLevel: LogLevel;
}

/** For who stops the manager for good. */
const UNDO = {
  remove:
    "kubectl delete mutatingwebhookconfiguration/sidecarset-mutating validatingwebhookconfiguration/sidecarset-validating",
};

/** The manager in the foreground, until it is asked to end. */
export async function run(options: RunOptions): Promise<void> {
  const log = jsonLog((line) => process.stderr.write(line), options.logLevel);
  const environment = { clock: systemClock, random: Math.random, log };
  const address =
    options.webhookUrl !== undefined
      ? webhookAddress(options.webhookUrl)
      : { service: { namespace: options.systemNamespace, name: dnsLabel("--service", options.service) } };
  const systemNamespace = dnsLabel("--system-namespace", options.systemNamespace);
  const installation = {
    systemNamespace,
    excludedNamespaces: excludedNamespaces(options.excludedNamespaces),
    defaultFailurePolicy: options.defaultFailurePolicy,
  };
  const cluster = await connect({
    ...(options.kubeconfig ? { kubeconfig: options.kubeconfig } : {}),
    ...(options.context ? { context: options.context } : {}),
    variables: process.env,
    userAgent: `sidecarset/${VERSION}`,
  });
  const stop = untilInterrupted();
  try {
    await preflight(cluster, systemNamespace);
    const manager = await startManager({
      cluster,
      environment,
      ...installation,
      listen: { host: options.listen, port: options.port },
      address,
      signal: stop.signal,
    });
    log("info", "manager started", {
      webhook: manager.url,
      ...installation,
      version: VERSION,
    });
    await stop.interrupted;
    log("info", "stopping", {});
    if (options.webhookUrl)
      log("warn", "the webhook stays registered: until a manager runs again, new pods are refused", UNDO);
    await manager.close();
    process.exitCode = EXIT.done;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    process.exitCode = EXIT.interrupted;
  } finally {
    await cluster.close();
    stop.release();
  }
}
