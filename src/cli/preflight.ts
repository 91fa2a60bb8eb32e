import type { Cluster } from "../cluster/cluster.ts";
import { isClusterError } from "../cluster/clusterError.ts";
import { apiVersionOf, LEASES, NAMESPACES, SIDECAR_SETS } from "../cluster/resource.ts";
import { CommandError, EXIT } from "./exitCode.ts";

/** What `run` cannot do without and would otherwise wait for in silence. Rejects with the command that installs it. */
export async function preflight(cluster: Cluster, systemNamespace: string): Promise<void> {
  await needed(
    () => cluster.list(SIDECAR_SETS, { limit: 1 }),
    `the cluster does not serve SidecarSets (${apiVersionOf(SIDECAR_SETS)}); install them with: kubectl apply -f deploy/crd.yaml`,
  );
  await needed(
    () => cluster.get(NAMESPACES, { name: systemNamespace }),
    `the cluster has no namespace ${systemNamespace}, where revisions are kept; create it with: kubectl create namespace ${systemNamespace}`,
  );
}

async function needed(ask: () => Promise<unknown>, missing: string): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (isClusterError(error, "notFound")) throw new CommandError(missing);
    if (isClusterError(error, "unauthorized", "forbidden"))
      throw new CommandError(`the cluster refuses these credentials: ${error.message}`);
    throw error;
  }
}

/** Who takes part in the election of the leader may read and write its Lease. */
export async function leasePreflight(cluster: Cluster, namespace: string, name: string): Promise<void> {
  try {
    await cluster.get(LEASES, { namespace, name });
  } catch (error) {
    if (isClusterError(error, "notFound")) return;
    if (!isClusterError(error, "unauthorized", "forbidden")) throw error;
    throw new CommandError(
      `the manager may not read the Lease ${namespace}/${name}: its role needs get, list, watch, create and update on leases (coordination.k8s.io) in that namespace: ${error.message}`,
    );
  }
}

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export function dnsLabel(flag: string, text: string): string {
  if (DNS_LABEL.test(text)) return text;
  throw new CommandError(`${flag} "${text}": lower-case letters, digits and "-" are expected, at most 63`, EXIT.usage);
}

/** The reason why a port cannot be had, for a person; any other error as it is. */
export function listenError(error: unknown, at: { host: string; port: number }, flag = "--port"): unknown {
  const reason = LISTEN_REASONS[(error as NodeJS.ErrnoException).code ?? ""];
  if (reason === undefined || (error as NodeJS.ErrnoException).syscall === undefined) return error;
  return new CommandError(`cannot listen on ${at.host} port ${at.port}: ${reason(flag)}`);
}

const LISTEN_REASONS: Readonly<Record<string, (flag: string) => string>> = {
  EADDRINUSE: (flag) => `the port is in use; choose another one with ${flag}`,
  EACCES: (flag) => `ports below 1024 are not for everybody; choose another one with ${flag}`,
  EADDRNOTAVAIL: () => "this machine has no such address; choose another one with --listen",
  ENOTFOUND: () => "there is no such address; choose another one with --listen",
  EINVAL: () => "this is no address to listen on; choose another one with --listen",
};

/** The names in a comma list; an empty text excludes none. */
export function excludedNamespaces(list: string): readonly string[] {
  const names = list.split(",").map((name) => name.trim());
  return names.filter((name) => name !== "").map((name) => dnsLabel("--excluded-namespaces", name));
}
