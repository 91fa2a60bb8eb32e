import type { Container, Pod } from "../kube/pod.ts";
import { injectedNames } from "./buildSidecarSet.ts";
import type { ChosenRevision } from "./chooseRevision.ts";
import { type InjectionError, rejection } from "./injectionReason.ts";

/** A container name that would stand twice in the pod: the API server would refuse the pod, naming neither SidecarSet. */
export function nameConflict(
  { spec }: Pod,
  earlier: ReadonlySet<Container>,
  chosen: readonly ChosenRevision[],
): InjectionError | undefined {
  const isTaken = (name: string) => (container: Container) => container.name === name && !earlier.has(container);
  const owners = new Map<string, string>();
  for (const { set } of chosen) {
    for (const name of injectedNames(set)) {
      const isOfPod = spec.containers.some(isTaken(name)) || spec.initContainers?.some(isTaken(name));
      const owner = isOfPod ? "the pod" : owners.get(name);
      if (owner !== undefined) {
        const message = `${owner} already has a container named "${name}"; rename one of the two`;
        return rejection(set.name, `spec.containers[name=${name}]`, message);
      }
      owners.set(name, `SidecarSet ${set.name}`);
    }
  }
  return undefined;
}
