import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import { type Environment, sleep, systemClock } from "../../cluster/environment.ts";
import { CONFIG_MAPS } from "../../cluster/resource.ts";
import { CONFIGURATION_TYPES, removeConfiguration } from "../../cluster/webhookConfiguration.ts";
import type { KubeObject } from "../../core/kube/object.ts";
import { STOP_SWITCHES } from "../../core/sidecarSet/stopSwitches.ts";
import { connect } from "../../kubeapi/connect.ts";
import { CONFIGURATION_NAMES } from "../../webhook/registration.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { dnsLabel } from "../preflight.ts";
import { VERSION } from "../version.ts";

interface UnregisterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly systemNamespace: string;
  readonly reason: string;
}

/** Longer than a running manager takes to write again what it had not heard about yet. */
const WATCH_MS = 3_000;
const LOOK_MS = 500;

/** Break-glass: no pod and no SidecarSet depends on us any more, whether or not a manager runs, and none that runs brings it back. */
export async function unregister(options: UnregisterOptions): Promise<void> {
  const { kubeconfig, context } = options;
  const namespace = dnsLabel("--system-namespace", options.systemNamespace);
  const cluster = await connect({
    ...(kubeconfig ? { kubeconfig } : {}),
    ...(context ? { context } : {}),
    variables: process.env,
    userAgent: `sidecarset/${VERSION}`,
  });
  try {
    // The switch first: a manager that sees it writes nothing again.
    await stopRegistration(cluster, namespace, options.reason);
    await keepAway(cluster, systemClock);
    process.stdout.write(
      `${Object.values(CONFIGURATION_NAMES).join(" and ")} are gone and stay away: new pods get no sidecars.\n` +
        `Back: kubectl patch configmap ${STOP_SWITCHES} -n ${namespace} --type merge -p '{"data":{"registration":"running"}}'\n`,
    );
    process.exitCode = EXIT.done;
  } finally {
    await cluster.close();
  }
}

async function stopRegistration(cluster: Cluster, namespace: string, reason: string): Promise<void> {
  const data = { registration: "stopped", reason, since: new Date(systemClock.now()).toISOString() };
  const name = { namespace, name: STOP_SWITCHES };
  try {
    await cluster.patch(CONFIG_MAPS, name, { type: "merge", patch: { data } });
  } catch (error) {
    if (!isClusterError(error, "notFound")) throw error;
    await create(cluster, { apiVersion: "v1", kind: "ConfigMap", metadata: name, data } as KubeObject);
  }
}

/** Without its namespace there is nobody who could bring anything back. */
async function create(cluster: Cluster, switches: KubeObject): Promise<void> {
  await cluster.create(CONFIG_MAPS, switches).catch((error: unknown) => {
    if (!isClusterError(error, "notFound")) throw error;
  });
}

/** Removes both until they have stayed away for a while. */
async function keepAway(cluster: Cluster, clock: Environment["clock"]): Promise<void> {
  const end = clock.now() + WATCH_MS;
  do {
    for (const which of ["mutating", "validating"] as const)
      await removeConfiguration(cluster, CONFIGURATION_TYPES[which], CONFIGURATION_NAMES[which]);
    await sleep(clock, LOOK_MS);
  } while (clock.now() < end);
  for (const which of ["mutating", "validating"] as const) await gone(cluster, which);
}

async function gone(cluster: Cluster, which: keyof typeof CONFIGURATION_NAMES): Promise<void> {
  const name = CONFIGURATION_NAMES[which];
  try {
    await cluster.get(CONFIGURATION_TYPES[which], { name });
  } catch (error) {
    if (isClusterError(error, "notFound")) return;
    throw error;
  }
  throw new CommandError(`${name} comes back: somebody writes it who does not heed the ConfigMap ${STOP_SWITCHES}`);
}
