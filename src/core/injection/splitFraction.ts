/**
 * Where a name falls in [0, 1): evenly spread, the same for the same names on every replica and at every repetition, and
 * independent between SidecarSets.
 */
export function splitFraction(sidecarSet: string, identity: string): number {
  let hash = 0x811c9dc5;
  for (const character of `${sidecarSet}/${identity}`) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  }
  return avalanche(hash) / 2 ** 32;
}

/** Spreads the last characters over all bits: names of a workload differ only there. */
function avalanche(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
