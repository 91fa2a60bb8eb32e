import { isJsonList } from "../kube/object.ts";
import type { Pod } from "../kube/pod.ts";
import type { Addition } from "./addition.ts";
import { containerProvenance } from "./containerProvenance.ts";
import type { Injection, InjectionWorkings } from "./injection.ts";
import { metadataProvenance } from "./metadataProvenance.ts";

/**
 * Why each line of an injected pod is there. Nothing is decided here: what a decision takes over from a SidecarSet or from the pod it
 * takes over as the same object, so each object that came in tells where it is from.
 * @param after the pod with the injection's patch applied by `applyJsonPatch`, which keeps objects the same too
 */
export function provenance(before: Pod, after: Pod, { workings }: Injection): readonly Addition[] {
  if (workings === undefined) return [];
  return [
    ...containers("initContainers", { before, after, workings }),
    ...containers("containers", { before, after, workings }),
    ...volumes({ before, after, workings }),
    ...pullSecrets({ before, after, workings }),
    ...metadataProvenance(before, after, workings),
    ...otherFields(before, after),
  ];
}

interface Change {
  readonly before: Pod;
  readonly after: Pod;
  readonly workings: InjectionWorkings;
}

function containers(list: "containers" | "initContainers", { before, after, workings }: Change): readonly Addition[] {
  const had = before.spec[list] ?? [];
  return newItems(had, after.spec[list]).flatMap(([index, container]) => {
    const owner = workings.built.find((set) => set[list].some((built) => built.container === container));
    if (owner === undefined) return [];
    const change = had.some(({ name }) => name === container.name) ? "replaced" : "added";
    return containerProvenance({ container, list, path: `spec.${list}[${index}]`, change, owner }, workings.context);
  });
}

function volumes({ before, after, workings }: Change): readonly Addition[] {
  const added = new Set(newItems(before.spec.volumes, after.spec.volumes).map(([, volume]) => volume));
  const brought = new Set(workings.built.flatMap((set) => set.volumes.map((volume) => ({ set, volume }))));
  const seen = new Set<unknown>();
  return [...brought].flatMap(({ set: { revision }, volume }): Addition[] => {
    if (seen.has(volume)) return [];
    seen.add(volume);
    const index = after.spec.volumes?.findIndex(({ name }) => name === volume.name) ?? -1;
    const isAdded = added.has(volume);
    const { name: sidecarSet, spec } = revision.set;
    const own = before.spec.volumes?.some(({ name }) => name === volume.name);
    return [
      {
        change: isAdded ? "added" : "kept",
        kind: "volume",
        path: `spec.volumes[${index}]`,
        name: volume.name,
        value: Object.keys(volume).find((key) => key !== "name") ?? "",
        sidecarSet,
        field: `spec.volumes[${spec.volumes.indexOf(volume)}]`,
        because: isAdded ? "" : `not taken: ${own ? "the pod" : "a SidecarSet before it"} has a volume of this name`,
      },
    ];
  });
}

function pullSecrets({ before, after, workings }: Change): readonly Addition[] {
  return newItems(before.spec.imagePullSecrets, after.spec.imagePullSecrets).flatMap(([index, secret]): Addition[] => {
    const owner = workings.chosen.find(({ set }) => set.spec.imagePullSecrets.includes(secret));
    if (owner === undefined) return [];
    return [
      {
        change: "added",
        kind: "imagePullSecret",
        path: `spec.imagePullSecrets[${index}]`,
        name: secret.name ?? "",
        value: "",
        sidecarSet: owner.set.name,
        field: `spec.imagePullSecrets[${owner.set.spec.imagePullSecrets.indexOf(secret)}]`,
        because: "",
      },
    ];
  });
}

const EXPLAINED: ReadonlySet<string> = new Set(["containers", "initContainers", "volumes", "imagePullSecrets"]);

/** None that we know of; a field that injection learns to write is told of from its first day. */
function otherFields(before: Pod, after: Pod): readonly Addition[] {
  return Object.keys(after.spec)
    .filter((field) => !EXPLAINED.has(field) && before.spec[field] !== after.spec[field])
    .map((field) => {
      const change = before.spec[field] === undefined ? "added" : "replaced";
      const path = `spec.${field}`;
      return { change, kind: "field", path, name: field, value: "", sidecarSet: undefined, field: "", because: "" };
    });
}

/** With their places in the second list. */
function newItems<T>(before: readonly T[] | null | undefined, after: readonly T[] | null | undefined): [number, T][] {
  const had = new Set(before ?? []);
  return [...(isJsonList(after) ? after : []).entries()].filter(([, item]) => !had.has(item));
}
