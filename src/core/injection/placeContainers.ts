import { compareUtf8 } from "../kube/goJson.ts";
import type { Container } from "../kube/pod.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import type { BuiltContainer } from "./buildSidecarSet.ts";

/** Where the built containers go in one list of the pod. */
export interface Placement {
  /** Index in the incoming list → the container rebuilt in its place. */
  readonly rebuilt: ReadonlyMap<number, Container>;
  /** In front of the incoming list. */
  readonly front: readonly Container[];
  readonly back: readonly Container[];
}

/** Containers that are there already stay where they are, rebuilt; the others keep their order within the front and the back group. */
export function placeContainers(incoming: readonly Container[], built: readonly BuiltContainer[]): Placement {
  const rebuilt = new Map<number, Container>();
  const added: Record<BuiltContainer["place"], Container[]> = { front: [], back: [] };
  for (const { container, place } of built) {
    const index = incoming.findLastIndex(({ name }) => name === container.name);
    if (index < 0) added[place].push(container);
    else rebuilt.set(index, container);
  }
  return { rebuilt, front: added.front, back: added.back };
}

/** Those of sets with a lower `order` come first, then the names decide. */
export function sortedByName(built: readonly BuiltContainer[], sets: readonly SidecarSet[]): readonly BuiltContainer[] {
  if (built.length < 2) return built;
  const orders = new Map(sets.map(({ name, spec }) => [name, spec.injectionStrategy.order]));
  const orderOf = ({ sidecarSet }: BuiltContainer) => orders.get(sidecarSet) ?? 0;
  return [...built].sort(
    (left, right) => orderOf(left) - orderOf(right) || compareUtf8(left.container.name, right.container.name),
  );
}
