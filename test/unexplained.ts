import type { Addition } from "../src/core/injection/addition.ts";
import type { Injection } from "../src/core/injection/injection.ts";
import { provenance } from "../src/core/injection/provenance.ts";
import type { Container, Pod } from "../src/core/kube/pod.ts";

/** Paths of what an injection adds, but its provenance does not tell or has no source for. */
export function unexplained(before: Pod, after: Pod, injection: Injection): readonly string[] {
  const additions = provenance(before, after, injection);
  const told = new Set(additions.map(({ path }) => path));
  return [
    ...newLines(before, after).filter((path) => !told.has(path)),
    ...additions.filter((addition) => !hasSource(addition, injection)).map(({ path }) => path),
  ];
}

/** The paths of all that the second pod has and the first has not, told apart by content. */
function newLines(before: Pod, after: Pod): readonly string[] {
  const lists = ["initContainers", "containers", "volumes", "imagePullSecrets"] as const;
  const inLists = lists.flatMap((list) => {
    const had = new Set((before.spec[list] ?? []).map((item) => JSON.stringify(item)));
    const items = [...((after.spec[list] ?? []) as readonly Container[]).entries()];
    return items
      .filter(([, item]) => !had.has(JSON.stringify(item)))
      .flatMap(([index, item]) => [
        `spec.${list}[${index}]`,
        ...parts(item).map((part) => `spec.${list}[${index}].${part}`),
      ]);
  });
  const inMaps = (["annotations", "labels"] as const).flatMap((map) => {
    const keys = Object.keys(after.metadata[map] ?? {});
    return keys
      .filter((key) => before.metadata[map]?.[key] !== after.metadata[map]?.[key])
      .map((key) => `metadata.${map}[${key}]`);
  });
  return [...inLists, ...inMaps];
}

function parts(item: Container): readonly string[] {
  const inLists = (["env", "volumeMounts", "volumeDevices"] as const).flatMap((list) =>
    (item[list] ?? []).map((_, index) => `${list}[${index}]`),
  );
  const amounts = Object.entries((item.resources ?? {}) as Readonly<Record<string, object>>)
    .filter(([field]) => field !== "claims")
    .flatMap(([field, map]) => Object.keys(map).map((resource) => `resources.${field}.${resource}`));
  return [...inLists, ...amounts];
}

/** A field that the SidecarSet has, or one of our own records; never "made for this pod", which says nothing. */
function hasSource({ sidecarSet, field, because }: Addition, { workings }: Injection): boolean {
  if (because.startsWith("our record")) return true;
  const set = workings?.chosen.find((chosen) => chosen.set.name === sidecarSet)?.set;
  const found = field.split(/[.[\]]+/).filter(Boolean);
  const [first, second, third] = found.slice(1);
  const list = (set?.spec as Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> | undefined)?.[
    first!
  ];
  const owner = list?.[Number(second)];
  return owner !== undefined && (third === undefined || third in owner) && because !== "made for this pod";
}
