import { SelectionIndex } from "../core/injection/selectionIndex.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import type { LocalCopy } from "./localCopy.ts";

/** The readable SidecarSets of a copy by what they select, kept up to date for as long as the copy is. */
export function selectionIndexOf(copy: LocalCopy<SidecarSet | undefined>): SelectionIndex {
  const index = new SelectionIndex();
  follow(copy, {
    add: (set) => set && index.put(set),
    remove: (set) => set && index.remove(set.name),
  });
  return index;
}

/** The objects of a copy by a key that many may share, kept up to date for as long as the copy is. */
export function groupsOf<T>(
  copy: LocalCopy<T>,
  keyOf: (object: T) => string | undefined,
): (key: string) => Iterable<T> {
  const groups = new Map<string | undefined, Set<T>>();
  follow(copy, {
    add(object) {
      const key = keyOf(object);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, new Set([object]));
      else group.add(object);
    },
    remove(object) {
      const key = keyOf(object);
      const group = groups.get(key);
      group?.delete(object);
      if (group?.size === 0) groups.delete(key);
    },
  });
  return (key) => groups.get(key) ?? [];
}

interface Follower<T> {
  add(object: T): void;
  remove(object: T): void;
}

function follow<T>(copy: LocalCopy<T>, { add, remove }: Follower<T>): void {
  for (const object of copy.values()) add(object);
  copy.subscribe((change) => {
    if (change.type !== "added") remove(change.old);
    if (change.type !== "deleted") add(change.object);
  });
}
