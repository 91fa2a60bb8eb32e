/**
 * A pure function that keeps its last result, for what is asked many times in a row. What it returns is shared, so it must never be changed.
 * @param isSame whether two keys have the same result
 */
export function keepingLast<K, V>(
  compute: (key: K) => V,
  isSame: (one: K, other: K) => boolean = Object.is,
): (key: K) => V {
  let last: { readonly key: K; readonly value: V } | undefined;
  return (key) => {
    if (last === undefined || !isSame(last.key, key)) last = { key, value: compute(key) };
    return last.value;
  };
}
