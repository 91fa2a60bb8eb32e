import type { Container } from "../kube/pod.ts";
import { INJECTED_ENV } from "../sidecarSet/annotations.ts";

/** The pod as sidecars are built from it: without the containers that an earlier run for the same SidecarSets put there. */
export interface SourcePod {
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  /** Both after the SidecarSets have patched them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Whether a container says of itself that it was injected. Anybody can say so: it keeps mounts from being shared, no more. */
export function isMarked(container: Container): boolean {
  for (const { name, value } of container.env ?? [])
    if (name === INJECTED_ENV.name) return value === INJECTED_ENV.value;
  return false;
}
