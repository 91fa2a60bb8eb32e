import { injectsNothing } from "./injectsNothing.ts";
import type { Installation } from "./installation.ts";
import { failure, fine, type InstallationFinding, warning } from "./installationFinding.ts";

const POD_ENTRY = /^pods\./;

/** Pods are sent to the webhook only while a SidecarSet selects some. */
export function registration(facts: Installation): readonly InstallationFinding[] {
  const { mutating, validating, switches, sidecarSets = [] } = facts;
  if (mutating === undefined || validating === undefined) return [];
  if (switches?.registration) return [];
  if (mutating === null || validating === null) {
    const missing = mutating === null ? "sidecarset-mutating" : "sidecarset-validating";
    const message = `the webhook configuration ${missing} is not there: ${mutating === null ? "new pods get no sidecars" : "SidecarSets are not judged"}`;
    return [failure("registration", message, "a manager that leads writes it: see the leader above")];
  }
  const entries = (mutating.webhooks ?? []).map(({ name }) => String(name)).filter((name) => POD_ENTRY.test(name));
  const injecting = sidecarSets.filter((set) => !injectsNothing(set));
  if (entries.length === 0 && injecting.length > 0) {
    const message = `no pods are sent to the webhook although ${injecting.length} SidecarSets inject`;
    return [failure("registration", message, "kubectl get scs -o yaml: see condition Registered")];
  }
  const sent =
    entries.length === 0 ? "no pods are sent to it, as no SidecarSet injects" : `pods come to ${entries.join(", ")}`;
  return [fine("registration", `the webhook is registered; ${sent}`)];
}

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

export function certificate({ mutating, authorities, now }: Installation): readonly InstallationFinding[] {
  if (!mutating || (mutating.webhooks ?? []).length === 0) return [];
  const fix = "see docs/reference/certificates.md; sidecarset support-bundle holds the manager's log";
  if (authorities.length === 0) {
    return [failure("certificate", "the API server has no authority to trust the webhook by (caBundle is empty)", fix)];
  }
  const last = Math.max(...authorities);
  const days = Math.floor((last - now) / DAY_MS);
  if (last <= now) return [failure("certificate", `the webhook's authority has expired ${-days} days ago`, fix)];
  const message = `the webhook's authority expires in ${days} days`;
  return [days < SOON_DAYS ? warning("certificate", message, fix) : fine("certificate", message)];
}

export function webhookAnswer({ answer }: Installation): readonly InstallationFinding[] {
  if (!answer) return [];
  switch (answer.kind) {
    case "reached":
      return [fine("webhookAnswer", `the webhook answered for a pod that nobody runs, in ${answer.milliseconds} ms`)];
    case "missed":
      return [
        failure(
          "webhookAnswer",
          `the API server does not reach the webhook: ${answer.error}`,
          "look at the Service, its endpoints, network policies and the manager's log",
        ),
      ];
    case "untested":
      return [
        warning(
          "webhookAnswer",
          `the webhook could not be tried: ${answer.error}`,
          "run it as somebody who may create pods in the system namespace",
        ),
      ];
  }
}
