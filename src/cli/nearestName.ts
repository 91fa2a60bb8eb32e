/** `; did you mean log-agent?`, or nothing where no name is near. */
export function didYouMean(wanted: string, names: Iterable<string>): string {
  const near = nearestName(wanted, names);
  return near === undefined ? "" : `; did you mean ${near}?`;
}

/** The name that takes the fewest edits, at most a third of its letters. */
function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of names) {
    const edits = editsBetween(wanted, name);
    if (edits <= Math.max(wanted.length, name.length) / 3 && edits < (best?.edits ?? Number.POSITIVE_INFINITY)) {
      best = { name, edits };
    }
  }
  return best?.name;
}

/** Levenshtein's distance, with two neighbouring letters exchanged as one edit. */
function editsBetween(one: string, other: string): number {
  let [before, last]: number[][] = [[], Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      let edits = Math.min(last![j]! + 1, row[j - 1]! + 1, last![j - 1]! + same);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        edits = Math.min(edits, before![j - 2]! + 1);
      }
      row.push(edits);
    }
    [before, last] = [last!, row];
  }
  return last!.at(-1)!;
}
