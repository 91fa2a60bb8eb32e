import { podsText } from "../rollout/rolloutSummary.ts";
import { SWITCHES, stopText } from "../sidecarSet/stopSwitches.ts";
import type { Installation } from "./installation.ts";
import { failure, fine, type InstallationFinding, warning } from "./installationFinding.ts";

export function switches({ switches: all }: Installation): readonly InstallationFinding[] {
  if (!all) return [];
  const stopped = SWITCHES.flatMap((name) => {
    const stop = all[name];
    return stop
      ? [warning("switches", `${name}: ${stopText(stop)} for the whole cluster`, `sidecarset start ${name}`)]
      : [];
  });
  const trouble = all.trouble.map((problem) =>
    warning("switches", `a stop switch is not understood: ${problem}`, "kubectl edit configmap sidecarset-switches"),
  );
  const found = [...stopped, ...trouble];
  return found.length > 0 ? found : [fine("switches", "nothing is stopped for the whole cluster")];
}

/** Clocks may differ by so much; a renewal that is older than that and its duration is none. */
const CLOCKS_MS = 30_000;

export function leader({ lease, now }: Installation): readonly InstallationFinding[] {
  if (lease === undefined) return [];
  const fix = "kubectl get pods -n NAMESPACE of the manager, and its log: sidecarset support-bundle";
  if (lease === null)
    return [failure("leader", "there is no Lease sidecarset-manager: no manager has ever led here", fix)];
  const { holder, durationSeconds, renewedAt } = lease;
  if (holder === "") return [failure("leader", "no manager leads: the Lease was given back", fix)];
  const silentMs = now - renewedAt;
  if (silentMs > durationSeconds * 1000 + CLOCKS_MS) {
    const message = `no manager leads: ${holder} has not renewed the Lease for ${Math.round(silentMs / 1000)} s`;
    return [failure("leader", message, fix)];
  }
  return [fine("leader", `${holder} leads`)];
}

export function managerPods({ managers }: Installation): readonly InstallationFinding[] {
  if (managers === undefined) return [];
  if (managers.length === 0) {
    const fix = "install it in the cluster, unless it runs elsewhere on purpose";
    return [warning("managerPods", "no pod of a manager is in the system namespace", fix)];
  }
  const ready = managers.filter((manager) => manager.ready);
  const message = `${ready.length} of ${podsText(managers.length)} of the manager are ready`;
  if (ready.length < managers.length) {
    const down = managers.filter((manager) => !manager.ready).map(({ name }) => name);
    return [failure("managerPods", `${message}; not ready: ${down.join(", ")}`, `kubectl describe pod ${down[0]}`)];
  }
  if (ready.length > 1) return [fine("managerPods", message)];
  return [warning("managerPods", `${message}: while it restarts nobody answers for the webhook`, "run 2 replicas")];
}

/** Within one minor version client and managers understand each other. */
export function versionSkew({ clientVersion, managers = [] }: Installation): readonly InstallationFinding[] {
  const versions = [...new Set(managers.map(({ version }) => version).filter((version) => version !== ""))];
  if (versions.length === 0) return [];
  const skewed = versions.filter((version) => isSkewed(clientVersion, version));
  if (skewed.length === 0) return [fine("versionSkew", `client ${clientVersion}, manager ${versions.join(", ")}`)];
  const message = `client ${clientVersion} and manager ${skewed.join(", ")} are of different versions`;
  return [warning("versionSkew", message, "use the client of the manager's version")];
}

/** Whether two versions differ in more than their patch; tags that are no versions say nothing. */
export function isSkewed(client: string, manager: string): boolean {
  const [ours, theirs] = [client, manager].map((text) => /^v?(\d+\.\d+)\./.exec(text)?.[1]);
  return ours !== undefined && theirs !== undefined && ours !== theirs;
}
