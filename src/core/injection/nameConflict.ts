import type { Container, Pod } from "../kube/pod.ts";
import type { BuiltContainer, BuiltSidecarSet } from "./buildSidecarSet.ts";
import { type InjectionError, rejection } from "./injectionReason.ts";

/** A container name that would stand twice in the pod: the API server would refuse the pod, naming neither SidecarSet. */
export function nameConflict(
  pod: Pod,
  earlier: ReadonlySet<Container>,
  built: readonly BuiltSidecarSet[],
): InjectionError | undefined {
  const owners = new Map<string, string>();
  for (const { name } of ownContainers(pod, earlier)) owners.set(name, "the pod");
  for (const { sidecarSet, container } of built.flatMap(allContainers)) {
    const owner = owners.get(container.name);
    if (owner !== undefined) {
      const message = `${owner} already has a container named "${container.name}"; rename one of the two`;
      return rejection(sidecarSet, `spec.containers[name=${container.name}]`, message);
    }
    owners.set(container.name, `SidecarSet ${sidecarSet}`);
  }
  return undefined;
}

function ownContainers({ spec }: Pod, earlier: ReadonlySet<Container>): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers].filter((container) => !earlier.has(container));
}

function allContainers({ initContainers, containers }: BuiltSidecarSet): readonly BuiltContainer[] {
  return [...initContainers, ...containers];
}
