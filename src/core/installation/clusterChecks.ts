import { isJsonObject } from "../kube/object.ts";
import type { Definition, Installation } from "./installation.ts";
import { failure, fine, type InstallationFinding, warning } from "./installationFinding.ts";

/** The oldest minor version of Kubernetes 1 with match conditions, without which the webhook is sent more pods than it needs. */
const OLDEST_MINOR = 28;

export function serverVersion({ serverVersion: version }: Installation): readonly InstallationFinding[] {
  const minor = Number(/^v1\.(\d+)/.exec(version)?.[1] ?? Number.NaN);
  if (minor >= OLDEST_MINOR) return [fine("serverVersion", `API server ${version}`)];
  const message = `API server ${version} is older than v1.${OLDEST_MINOR}: more pods are sent to the webhook than are selected`;
  return [warning("serverVersion", message, `upgrade the cluster to v1.${OLDEST_MINOR} or newer`)];
}

const INSTALL_DEFINITION = "kubectl apply --server-side -f deploy/crd.yaml";

/** Before an installation it need not be there yet. */
export function definition(facts: Installation, isBefore: boolean): readonly InstallationFinding[] {
  const found = facts.definition;
  if (found === undefined) return [];
  if (found === null) {
    if (isBefore) return [fine("definition", "the CRD sidecarsets.apps.kruise.io is not there yet")];
    return [failure("definition", "the cluster has no CRD sidecarsets.apps.kruise.io", INSTALL_DEFINITION)];
  }
  const served = (found.spec?.versions ?? []).filter((version) => version.served !== false).map(({ name }) => name);
  if (!served.includes("v1beta1")) {
    const message = `the CRD sidecarsets.apps.kruise.io serves ${served.join(", ") || "no version"}, not v1beta1`;
    return [failure("definition", message, INSTALL_DEFINITION)];
  }
  if (found.status?.conditions?.find(({ type }) => type === "Established")?.status !== "True") {
    const message = "the CRD sidecarsets.apps.kruise.io is not established";
    return [failure("definition", message, "kubectl describe crd sidecarsets.apps.kruise.io")];
  }
  if (hasOurFields(found)) return [fine("definition", `CRD sidecarsets.apps.kruise.io serves ${served.join(", ")}`)];
  const message =
    "the CRD sidecarsets.apps.kruise.io is OpenKruise's: fields that it does not have are lost when they are written";
  return [warning("definition", message, isBefore ? "sidecarset migrate --check" : INSTALL_DEFINITION)];
}

function hasOurFields({ spec }: Definition): boolean {
  const stored = spec?.versions?.find(({ storage }) => storage) ?? spec?.versions?.[0];
  const status = stored?.schema?.openAPIV3Schema?.properties?.status;
  return isJsonObject(status) && isJsonObject(status.properties) && status.properties.rollout !== undefined;
}

export function systemNamespace(facts: Installation, name: string, isBefore: boolean): readonly InstallationFinding[] {
  if (facts.systemNamespace === undefined) return [];
  if (facts.systemNamespace !== null) return [fine("systemNamespace", `namespace ${name} is there`)];
  if (isBefore) return [fine("systemNamespace", `namespace ${name} is not there yet`)];
  const message = `the cluster has no namespace ${name}, where revisions and the manager are`;
  return [
    failure(
      "systemNamespace",
      message,
      `kubectl create namespace ${name}, or name another one with --system-namespace`,
    ),
  ];
}

export function rights({ rights: all }: Installation): readonly InstallationFinding[] {
  const missing = all.filter(({ allowed }) => !allowed);
  if (missing.length === 0)
    return all.length === 0 ? [] : [fine("rights", `you may do what is needed (${all.length} rights)`)];
  return missing.map(({ what, neededFor }) =>
    warning(
      "rights",
      `you may not ${what}, which ${neededFor} needs`,
      "ask for a role that grants it: see docs/reference/rights.md",
    ),
  );
}

/** Two managers would inject and upgrade the same pods. */
export function otherManager(
  { openKruise, mutating }: Installation,
  isBefore: boolean,
): readonly InstallationFinding[] {
  if (!openKruise) return [fine("otherManager", "no OpenKruise manager also owns SidecarSets")];
  const { namespace, replicas, version } = openKruise;
  const who = `OpenKruise${version === "" ? "" : ` ${version}`} (Deployment ${namespace}/kruise-controller-manager)`;
  if (replicas === 0) return [fine("otherManager", `${who} is there and has no replicas`)];
  if (isBefore || !mutating) {
    return [warning("otherManager", `${who} owns the SidecarSets`, "sidecarset migrate --check")];
  }
  return [
    failure(
      "otherManager",
      `${who} also owns the SidecarSets: both would write the same pods`,
      "sidecarset migrate --check",
    ),
  ];
}
