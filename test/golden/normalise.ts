import type { Json } from "../../src/core/kube/object.ts";

/** Keys that Go prints as null although nothing is set. */
const NULL_KEYS = new Set(["creationTimestamp", "lastProbeTime", "lastTransitionTime"]);
/** Keys that Go prints as an empty object although nothing is set. */
const EMPTY_KEYS = new Set([
  "resources",
  "status",
  "metadata",
  "spec",
  "strategy",
  "updateStrategy",
  "injectionStrategy",
  "upgradeStrategy",
  "shareVolumePolicy",
]);

/** The form in which the recorded values are kept: without what Go prints for fields that nobody set. */
export function normalise(value: unknown): Json {
  return prune(JSON.parse(JSON.stringify(value ?? null)) as Json);
}

/** The time of a run as the recorded values have it, also inside annotation texts. */
export function withoutTimes(text: string, now: string): string {
  return text.replaceAll(now, "<now>");
}

function prune(value: Json): Json {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(prune);
  const members = Object.entries(value)
    .map(([key, member]): [string, Json] => [key, prune(member as Json)])
    .filter(
      ([key, member]) => !(NULL_KEYS.has(key) && member === null) && !(EMPTY_KEYS.has(key) && isEmptyObject(member)),
    );
  return Object.fromEntries(members);
}

function isEmptyObject(value: Json): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
