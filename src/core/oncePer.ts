/** A function of an object that never changes: computed when first asked for, and kept as long as the object lives. */
export function oncePer<K extends object, V>(compute: (object: K) => V): (object: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (object) => {
    const kept = known.get(object);
    if (kept !== undefined) return kept.value;
    const value = compute(object);
    known.set(object, { value });
    return value;
  };
}
