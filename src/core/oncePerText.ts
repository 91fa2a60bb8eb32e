/**
 * A pure function of a text that keeps its recent results: bounded, and seen by nobody. The records of a fleet are few texts many times
 * over. What it returns is shared, so it must never be changed.
 */
export function oncePerText<T>(compute: (text: string) => T): (text: string) => T {
  const recent = new Map<string, T>();
  return (text) => {
    if (text.length > LONGEST) return compute(text);
    const known = recent.get(text);
    if (known !== undefined) return known;
    const value = compute(text);
    if (recent.size >= MOST_RECENT) recent.clear();
    recent.set(text, value);
    return value;
  };
}

const MOST_RECENT = 1000;
const LONGEST = 10_000;
