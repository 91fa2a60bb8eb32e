import { countOf, examplesOf, GAPS } from "../rollout/rolloutSummary.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { Installation } from "./installation.ts";
import { failure, fine, type InstallationFinding, warning } from "./installationFinding.ts";

export function readable({ sidecarSets, unreadable }: Installation): readonly InstallationFinding[] {
  if (sidecarSets === undefined) return [];
  if (unreadable.size === 0) return [fine("readable", `${sidecarSets.length} SidecarSets`)];
  return [...unreadable].map(([name, why]) =>
    failure(
      "readable",
      `SidecarSet ${name} cannot be read: ${why}; it injects and upgrades nothing`,
      `kubectl edit sidecarset ${name}`,
    ),
  );
}

/** A manager that leads looks at every generation within moments. */
export function observed({ sidecarSets = [] }: Installation): readonly InstallationFinding[] {
  const behind = sidecarSets.filter(({ generation, status }) => (status.observedGeneration ?? 0) < generation);
  if (behind.length === 0)
    return sidecarSets.length === 0 ? [] : [fine("observed", "the status of every SidecarSet is up to date")];
  const names = behind.map(({ name }) => name).join(", ");
  return [
    failure(
      "observed",
      `no manager has looked at the newest state of ${names}`,
      "see the leader above; a moment after an edit this passes",
    ),
  ];
}

/** Selected pods that ought to have sidecars and have none. */
export function coverage({ sidecarSets = [] }: Installation): readonly InstallationFinding[] {
  const gaps = sidecarSets.filter(({ status }) => countOf({ waiting: status.waiting ?? [] }, GAPS) > 0);
  if (gaps.length === 0)
    return sidecarSets.length === 0 ? [] : [fine("coverage", "every selected pod carries its sidecars")];
  return gaps.map((set) => {
    const count = countOf({ waiting: set.status.waiting ?? [] }, GAPS);
    const first = firstGaps(set);
    const message = `${count} of ${set.status.selectedPods ?? count} pods that ${set.name} selects have no sidecars: ${first.join(", ")}`;
    return warning("coverage", message, explainCommand(first[0]));
  });
}

function firstGaps({ status }: SidecarSet): readonly string[] {
  return examplesOf({ waiting: status.waiting ?? [] }, GAPS);
}

/** @param example `namespace/name (code)` */
function explainCommand(example = ""): string {
  const [, namespace, pod] = /^([^/]+)\/(\S+)/.exec(example) ?? [];
  return pod === undefined ? "sidecarset get" : `sidecarset explain pod/${pod} -n ${namespace}`;
}

export function blocked({ sidecarSets = [] }: Installation): readonly InstallationFinding[] {
  const stalled = sidecarSets.flatMap(({ name, status }) => {
    const condition = status.conditions?.find(({ type, status: is }) => type === "Stalled" && is === "True");
    return condition
      ? [warning("blocked", `${name} does not go on by itself: ${condition.message}`, `sidecarset get ${name}`)]
      : [];
  });
  if (stalled.length > 0) return stalled;
  return sidecarSets.length === 0 ? [] : [fine("blocked", "no rollout is blocked")];
}
