/**
 * Looks up what has a name, the first or the last of each. Pods may have thousands of variables: for many names they are put into a
 * table, for a few it is faster to go through them.
 */
export function finderByName<T extends { readonly name: string }>(
  items: readonly T[],
  which: "first" | "last",
  names: number,
): (name: string) => T | undefined {
  if (names > FEW) {
    const byName = new Map<string, T>();
    for (const item of which === "last" ? items : items.toReversed()) byName.set(item.name, item);
    return (name) => byName.get(name);
  }
  if (which === "last") return (name) => items.findLast((item) => item.name === name);
  return (name) => items.find((item) => item.name === name);
}

const FEW = 16;
