import type { Container, Pod } from "../kube/pod.ts";
import { type HashEntries, parseHashRecord } from "../pod/hashRecord.ts";
import { HASH_ANNOTATION, INJECTED_ENV } from "../sidecarSet/annotations.ts";
import { injectedNames } from "./buildSidecarSet.ts";
import type { ChosenRevision } from "./chooseRevision.ts";

/**
 * The containers that an earlier run put into the pod for the same SidecarSets (the webhook was called again, or somebody created a
 * copy of a running pod). A container is ours only if it says so itself and the pod's records name its set; just having the name of
 * a sidecar is not enough to be replaced.
 */
export function earlierContainers(
  pod: Pod,
  chosen: readonly ChosenRevision[],
  records: HashEntries,
): ReadonlySet<Container> {
  const recorded = records.size === 0 ? [] : chosen.filter(({ set }) => records.has(set.name));
  if (recorded.length === 0) return NONE;
  const names = new Set(recorded.flatMap(({ set }) => injectedNames(set)));
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return new Set(containers.filter((container) => names.has(container.name) && carriesMarker(container)));
}

const NONE: ReadonlySet<Container> = new Set();

/**
 * Whether the pod carries this very revision already. Then the set has nothing to do: what has been changed in its containers since
 * (a token mount of the service account, a mirror registry) is the work of others who come after us in the same admission.
 */
export function isInjected(
  { set, hash }: ChosenRevision,
  earlier: ReadonlySet<Container>,
  records: HashEntries,
): boolean {
  if (earlier.size === 0) return false;
  const names = injectedNames(set);
  const present = new Set([...earlier].map(({ name }) => name));
  return names.length > 0 && records.get(set.name)?.hash === hash && names.every((name) => present.has(name));
}

/** The same for one revision by itself, before it is known which others are chosen. */
export function carriesAlready(pod: Pod, revision: ChosenRevision): boolean {
  const text = pod.metadata.annotations?.[HASH_ANNOTATION];
  if (text === undefined) return false;
  const records = parseHashRecord(text).entries;
  return isInjected(revision, earlierContainers(pod, [revision], records), records);
}

/** Also behind a variable of the same name that the sidecar brings itself. */
function carriesMarker({ env }: Container): boolean {
  return env?.some(({ name, value }) => name === INJECTED_ENV.name && value === INJECTED_ENV.value) ?? false;
}
