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
  return which === "last" ? (name) => lastNamed(items, name) : (name) => items.find((item) => item.name === name);
}

/** Faster than `findLast`, which the compiler leaves as it is. */
function lastNamed<T extends { readonly name: string }>(items: readonly T[], name: string): T | undefined {
  for (let index = items.length - 1; index >= 0; index -= 1) if (items[index]!.name === name) return items[index];
  return undefined;
}

const FEW = 16;
