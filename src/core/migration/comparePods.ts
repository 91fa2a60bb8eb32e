import { injectedNames } from "../injection/buildSidecarSet.ts";
import { jsonEqual } from "../kube/jsonPatch.ts";
import type { Json } from "../kube/object.ts";
import type { Container, Pod } from "../kube/pod.ts";
import type { Bookkeeping } from "../pod/bookkeeping.ts";
import { sidecarNames } from "../pod/sidecars.ts";
import { HASH_ANNOTATION, HASH_WITHOUT_IMAGE_ANNOTATION } from "../sidecarSet/annotations.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { isRecord } from "./podBefore.ts";
import { type ShadowDifference, type ShadowKind, shadowDifference } from "./shadowDifference.ts";
import { withoutDefaults } from "./withoutDefaults.ts";

/** One pod, as it is and as we would have made it. */
export interface ComparedPods {
  readonly theirs: Pod;
  readonly ours: Pod;
  /** Without any sidecar. */
  readonly before: Pod;
  /** As the pod records them. */
  readonly sets: readonly SidecarSet[];
  readonly records: Bookkeeping;
}

type Comparison = (pods: ComparedPods) => readonly ShadowDifference[];

/** Images are not compared: upgrades change them, and the hash tells which are wanted. */
export function comparePods(pods: ComparedPods): readonly ShadowDifference[] {
  return COMPARISONS.flatMap((compare) => compare(pods));
}

const LISTS = ["initContainers", "containers"] as const;

const containers: Comparison = (pods) =>
  LISTS.flatMap((list) => {
    const [theirs, ours] = [namesIn(pods.theirs, list), namesIn(pods.ours, list)];
    const missing = ours.filter((name) => !theirs.includes(name));
    const extra = theirs.filter((name) => !ours.includes(name));
    return [...missing, ...extra].map((name) =>
      told("containers", pods, name, {
        theirs: theirs.includes(name) ? `among ${list}` : "none",
        ours: ours.includes(name) ? `among ${list}` : "none",
      }),
    );
  });

/** OpenKruise takes SidecarSets in no fixed order, so sidecars of several that stand together may be in any. */
const order: Comparison = (pods) =>
  LISTS.flatMap((list) => {
    const [theirs, ours] = [pods.theirs, pods.ours].map((pod) => inSetOrder(namesIn(pod, list), pods.sets));
    const isSame = jsonEqual(theirs, ours) || !jsonEqual([...theirs!].sort(), [...ours!].sort());
    return isSame ? [] : [told("order", pods, list, { theirs: theirs!.join(", "), ours: ours!.join(", ") })];
  });

const env: Comparison = (pods) => entries(pods, "env", "env", (entry) => String(entry.name));

/** The API server's mount of the service account comes after every webhook. */
const mounts: Comparison = (pods) =>
  entries(pods, "mounts", "volumeMounts", (entry) => String(entry.mountPath)).filter(
    ({ about, ours }) => !(about.endsWith(SERVICE_ACCOUNT) && ours === NONE),
  );
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const NONE = "none";

const volumes: Comparison = (pods) => {
  if (isUpgraded(pods)) return [];
  const before = new Set((pods.before.spec.volumes ?? []).map(({ name }) => name));
  return (pods.ours.spec.volumes ?? [])
    .filter(({ name }) => !before.has(name))
    .flatMap((volume) => {
      const theirs = pods.theirs.spec.volumes?.find(({ name }) => name === volume.name);
      return differing("volumes", pods, volume.name, [theirs as Json | undefined, volume as Json]);
    });
};

const annotations: Comparison = (pods) => {
  if (isUpgraded(pods)) return [];
  const [before, theirs, ours] = [pods.before, pods.theirs, pods.ours].map(
    ({ metadata }) => metadata.annotations ?? {},
  );
  return Object.entries(ours!)
    .filter(([key, value]) => !isRecord(key) && before![key] !== value)
    .flatMap(([key, value]) => differing("annotations", pods, key, [theirs![key], value]));
};

const records: Comparison = (pods) =>
  pods.sets.flatMap((set) => {
    if (injectedNames(set).length === 0) return [];
    const { hash, hashWithoutImage } = pods.records;
    const names = sidecarNames(set.spec);
    const { sidecarList } = hash.entries.get(set.name) ?? {};
    return [
      ...differing("record", pods, `${set.name}: ${HASH_WITHOUT_IMAGE_ANNOTATION}`, [
        hashWithoutImage.entries.get(set.name)?.hash,
        set.annotations[HASH_WITHOUT_IMAGE_ANNOTATION],
      ]),
      // The oldest form does not have it.
      ...(sidecarList
        ? differing("record", pods, `${set.name}: ${HASH_ANNOTATION} sidecarList`, [sidecarList, names])
        : []),
    ];
  });

const COMPARISONS: readonly Comparison[] = [containers, order, env, mounts, volumes, annotations, records];

type Entry = Readonly<Record<string, Json | undefined>>;

/** Of each injected container that both have: what one has and the other has not, has otherwise, or in another order. */
function entries(
  pods: ComparedPods,
  kind: ShadowKind,
  field: "env" | "volumeMounts",
  key: (entry: Entry) => string,
): readonly ShadowDifference[] {
  const injected = new Set(pods.sets.flatMap(injectedNames));
  return LISTS.flatMap((list) =>
    (pods.ours.spec[list] ?? []).flatMap((container) => {
      const theirs = pods.theirs.spec[list]?.find(({ name }) => name === container.name);
      if (!theirs || !injected.has(container.name)) return [];
      const [left, right] = [theirs, container].map((each) => (each[field] ?? []) as readonly Entry[]);
      const [theirKeys, ourKeys] = [left!.map(key), right!.map(key)];
      const keys = [...new Set([...ourKeys, ...theirKeys])];
      const found = keys.flatMap((name) =>
        differing(kind, pods, `${container.name} ${name}`, [
          left!.find((entry) => key(entry) === name),
          right!.find((entry) => key(entry) === name),
        ]),
      );
      const isReordered = found.length === 0 && kind === "env" && !jsonEqual(theirKeys, ourKeys);
      const orders = { theirs: theirKeys.join(", "), ours: ourKeys.join(", ") };
      return isReordered ? [told(kind, pods, `${container.name} order`, orders)] : found;
    }),
  );
}

function differing(
  kind: ShadowKind,
  pods: ComparedPods,
  about: string,
  [theirs, ours]: readonly [Json | undefined, Json | undefined],
): readonly ShadowDifference[] {
  if (jsonEqual(withoutDefaults(theirs), withoutDefaults(ours))) return [];
  return [told(kind, pods, about, { theirs: shown(theirs), ours: shown(ours) })];
}

function shown(value: Json | undefined): string {
  if (value === undefined) return NONE;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** By the set that has a container of that name, else all sets that were compared. */
function told(
  kind: ShadowKind,
  { theirs: pod, sets }: ComparedPods,
  about: string,
  sides: { readonly theirs: string; readonly ours: string },
): ShadowDifference {
  const [first = ""] = about.split(" ");
  const owner = sets.find((set) => injectedNames(set).includes(first));
  return shadowDifference(kind, owner?.name ?? sets.map(({ name }) => name).join(","), { pod, about, ...sides });
}

function namesIn({ spec }: Pod, list: (typeof LISTS)[number]): readonly string[] {
  return (spec[list] ?? []).map(({ name }: Container) => name);
}

/** Sidecars that stand together, by their SidecarSets. */
function inSetOrder(names: readonly string[], sets: readonly SidecarSet[]): readonly string[] {
  const setOf = (name: string) => sets.findIndex((set) => injectedNames(set).includes(name));
  const sorted: string[] = [];
  let run: string[] = [];
  const flush = (): void => {
    sorted.push(...run.toSorted((left, right) => setOf(left) - setOf(right)));
    run = [];
  };
  for (const name of names) {
    if (setOf(name) >= 0) run.push(name);
    else {
      flush();
      sorted.push(name);
    }
  }
  flush();
  return sorted;
}

/** The record names another revision then than the one whose volumes and annotations the pod was given. */
function isUpgraded({ records, sets }: ComparedPods): boolean {
  return sets.some(({ name }) => records.inPlaceStates.states.has(name));
}
