import type { Environment } from "../cluster/environment.ts";
import type { Admission } from "./admission/admission.ts";
import type { ResourceRegistry } from "./resourceRegistry.ts";
import type { ObjectStore } from "./store/objectStore.ts";
import type { WatchStream } from "./store/watchStream.ts";

/** What every verb works with. */
export interface ServerContext {
  readonly store: ObjectStore;
  readonly registry: ResourceRegistry;
  readonly environment: Environment;
  readonly admission: Admission;
  /** Open watches, so that closing the server ends them. */
  readonly watches: Set<WatchStream>;
}

/** RFC 3339 in whole seconds, as metav1.Time is written. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** A version 4 UUID out of the environment's chance, so that a story with a seed repeats. */
export function newUid(random: () => number): string {
  return "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, (place) => {
    const digit = Math.floor(random() * 16);
    return (place === "x" ? digit : (digit & 3) | 8).toString(16);
  });
}

/** No vowels and no digits that look like letters: generated names spell nothing. */
const NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const LONGEST_GENERATED_BASE = 58;

export function generateName(base: string, random: () => number): string {
  const suffix = Array.from({ length: 5 }, () => NAME_ALPHABET[Math.floor(random() * NAME_ALPHABET.length)]);
  return `${base.slice(0, LONGEST_GENERATED_BASE)}${suffix.join("")}`;
}
