import { isClusterError } from "../../cluster/clusterError.ts";
import { isSkewed } from "../../core/installation/managerChecks.ts";
import { AccessError } from "../../kubeapi/access.ts";
import { printData } from "../change/printObject.ts";
import { readManagers } from "../check/readManagers.ts";
import { dnsLabel } from "../preflight.ts";
import { VERSION } from "../version.ts";
import { type ClusterOptions, withCluster } from "../withCluster.ts";

interface VersionOptions extends ClusterOptions {
  readonly client?: boolean;
  readonly systemNamespace: string;
  readonly output: "text" | "json" | "yaml";
}

/** What `sidecarset version -o json` prints; within v1 fields are only added. Described in docs/reference/cli.md. */
interface VersionReport {
  readonly apiVersion: "cli.sidecarset/v1";
  readonly kind: "VersionReport";
  /** Of this program. */
  readonly version: string;
  /** Of the Node.js it runs on. */
  readonly node: string;
  /** Absent with --client. */
  readonly cluster?: ClusterVersions;
}

type ClusterVersions =
  | {
      readonly server: string;
      /** By the images of the managers' pods; empty: none is in the cluster. */
      readonly managers: readonly string[];
      /** The client and a manager differ in more than their patch. */
      readonly skewed: boolean;
    }
  | { readonly error: string };

/** The versions of this program, of the managers and of the API server. A cluster that cannot be reached is told, and is no failure. */
export async function version(options: VersionOptions): Promise<void> {
  const systemNamespace = dnsLabel("--system-namespace", options.systemNamespace);
  const report: VersionReport = {
    apiVersion: "cli.sidecarset/v1",
    kind: "VersionReport",
    version: VERSION,
    node: process.version,
    ...(options.client ? {} : { cluster: await clusterVersions(options, systemNamespace) }),
  };
  if (options.output !== "text") await printData(options.output, report);
  else
    process.stdout.write(
      versionLines(report)
        .map((line) => `${line}\n`)
        .join(""),
    );
}

async function clusterVersions(options: ClusterOptions, systemNamespace: string): Promise<ClusterVersions> {
  try {
    return await withCluster(options, async (cluster) => {
      const { managers = [] } = await readManagers(cluster, systemNamespace);
      const versions = [...new Set(managers.map((manager) => manager.version).filter((tag) => tag !== ""))];
      const skewed = versions.some((manager) => isSkewed(VERSION, manager));
      return { server: cluster.serverVersion, managers: versions, skewed };
    });
  } catch (error) {
    if (error instanceof AccessError || isClusterError(error)) return { error: error.message };
    throw error;
  }
}

function versionLines({ version: client, cluster }: VersionReport): readonly string[] {
  const own = `sidecarset ${client}`;
  if (!cluster) return [own];
  if ("error" in cluster) return [own, `cluster    not reached: ${cluster.error}`];
  const { server, managers, skewed } = cluster;
  return [
    own,
    `manager    ${managers.length === 0 ? "none in the cluster" : managers.join(", ")}${skewed ? " (another version than the client: use its client)" : ""}`,
    `API server ${server}`,
  ];
}
