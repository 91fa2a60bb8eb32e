import { definition, otherManager, rights, serverVersion, systemNamespace } from "./clusterChecks.ts";
import type { Installation } from "./installation.ts";
import type { InstallationFinding } from "./installationFinding.ts";
import { leader, managerPods, switches, versionSkew } from "./managerChecks.ts";
import { blocked, coverage, observed, readable } from "./sidecarSetChecks.ts";
import { certificate, registration, webhookAnswer } from "./webhookChecks.ts";

export interface CheckedAs {
  readonly systemNamespace: string;
  /** Before the installation: what is not there yet is no finding. */
  readonly isBefore: boolean;
}

/** Every check in the order in which one leads to the next. */
export function judgeInstallation(
  facts: Installation,
  { systemNamespace: namespace, isBefore }: CheckedAs,
): readonly InstallationFinding[] {
  const cluster = [
    ...serverVersion(facts),
    ...definition(facts, isBefore),
    ...systemNamespace(facts, namespace, isBefore),
    ...rights(facts),
    ...otherManager(facts, isBefore),
  ];
  if (isBefore) return cluster;
  const parts = [
    ...[switches, leader, managerPods, versionSkew],
    ...[registration, certificate, webhookAnswer],
    ...[readable, observed, coverage, blocked],
  ];
  return [...cluster, ...parts.flatMap((check) => check(facts))];
}
