import { compareUtf8 } from "../kube/goJson.ts";
import type { Container } from "../kube/pod.ts";
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
  const indexByName = new Map(incoming.map(({ name }, index) => [name, index]));
  const rebuilt = new Map<number, Container>();
  const added: BuiltContainer[] = [];
  for (const each of built) {
    const index = indexByName.get(each.container.name);
    if (index === undefined) added.push(each);
    else rebuilt.set(index, each.container);
  }
  const group = (place: BuiltContainer["place"]) =>
    added.filter((each) => each.place === place).map(({ container }) => container);
  return { rebuilt, front: group("front"), back: group("back") };
}

/** @param orders SidecarSet → its `order`, which goes before the names */
export function sortedByName(
  built: readonly BuiltContainer[],
  orders: ReadonlyMap<string, number>,
): readonly BuiltContainer[] {
  const orderOf = ({ sidecarSet }: BuiltContainer) => orders.get(sidecarSet) ?? 0;
  return [...built].sort(
    (left, right) => orderOf(left) - orderOf(right) || compareUtf8(left.container.name, right.container.name),
  );
}
