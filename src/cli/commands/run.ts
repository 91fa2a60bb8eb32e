import { systemClock } from "../../cluster/environment.ts";
import { connect } from "../../kubeapi/connect.ts";
import { EXIT } from "../exitCode.ts";
import { untilInterrupted } from "../interrupt.ts";
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
  readonly logLevel: LogLevel;
}

/** The manager in the foreground, until SIGINT or SIGTERM. */
export async function run(options: RunOptions): Promise<void> {
  const log = jsonLog((line) => process.stderr.write(line), options.logLevel);
  const environment = { clock: systemClock, random: Math.random, log };
  const stop = untilInterrupted();
  const cluster = await connect({
    ...(options.kubeconfig ? { kubeconfig: options.kubeconfig } : {}),
    ...(options.context ? { context: options.context } : {}),
    variables: process.env,
    userAgent: `sidecarset/${VERSION}`,
  });
  try {
    const manager = await startManager({
      cluster,
      environment,
      systemNamespace: options.systemNamespace,
      listen: { host: options.listen, port: options.port },
      address: options.webhookUrl
        ? { url: options.webhookUrl }
        : { service: { namespace: options.systemNamespace, name: options.service } },
      signal: stop.signal,
    });
    log("info", "manager started", {
      webhook: manager.url,
      systemNamespace: options.systemNamespace,
      version: VERSION,
    });
    await stop.interrupted;
    log("info", "stopping", {});
    await manager.close();
    process.exitCode = EXIT.done;
  } finally {
    await cluster.close();
    stop.release();
  }
}
