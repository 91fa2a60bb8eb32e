import type { Json } from "../kube/object.ts";
import { typedForm } from "../kube/shape.ts";
import { changedFields } from "./changedFields.ts";
import { isNativeSidecar } from "./sidecarKind.ts";
import type { SidecarContainer, SidecarSetSpec } from "./sidecarSet.ts";
import { SIDECAR } from "./sidecarSetShape.ts";

export const SIDECAR_LISTS = ["containers", "initContainers"] as const;
export type SidecarList = (typeof SIDECAR_LISTS)[number];
export type SidecarLists = Pick<SidecarSetSpec, SidecarList>;

/** More than running pods can take in place. */
export type SidecarDifference = { readonly list: SidecarList } & (
  | { readonly kind: "added"; readonly index: number; readonly sidecar: string }
  | { readonly kind: "removed"; readonly sidecar: string }
  | {
      readonly kind: "field";
      readonly index: number;
      readonly before: SidecarContainer;
      readonly after: SidecarContainer;
      /** Behind the sidecar's own: `.env[1].value`. */
      readonly path: string;
    }
  /** The same sidecars in another order; an empty list differs from an absent one, too. */
  | { readonly kind: "order" }
);

/**
 * What makes the hashes without images of two templates differ, each part once. Only for templates whose hashes do differ: where
 * nothing else is found it is the order.
 */
export function sidecarDifferences(before: SidecarLists, after: SidecarLists): readonly SidecarDifference[] {
  const differences = SIDECAR_LISTS.filter((list) => isHashed(after, list) || isHashed(before, list)).flatMap(
    (list): readonly SidecarDifference[] => [
      ...(after[list] ?? []).flatMap((sidecar, index) =>
        inSidecar(find(before, list, sidecar.name), sidecar, { list, index }),
      ),
      ...(before[list] ?? [])
        .filter(({ name }) => !find(after, list, name))
        .map(({ name }) => ({ kind: "removed", list, sidecar: name }) as const),
    ],
  );
  return differences.length > 0 ? differences : [{ kind: "order", list: reorderedList(before, after) }];
}

/** Init containers move the hashes only where one of them is a native sidecar, but then all of them do. */
export function isHashed({ initContainers = [] }: SidecarLists, list: SidecarList): boolean {
  return list === "containers" || initContainers.some(isNativeSidecar);
}

function inSidecar(
  before: SidecarContainer | undefined,
  after: SidecarContainer,
  place: { readonly list: SidecarList; readonly index: number },
): readonly SidecarDifference[] {
  if (!before) return [{ kind: "added", ...place, sidecar: after.name }];
  return changedFields(typed(before), typed(after), SIDECAR)
    .filter((path) => path !== ".image")
    .map((path) => ({ kind: "field", ...place, before, after, path }));
}

function find(lists: SidecarLists, list: SidecarList, name: string): SidecarContainer | undefined {
  return (lists[list] ?? []).find((sidecar) => sidecar.name === name);
}

/** In the form that is hashed. */
function typed(sidecar: SidecarContainer): Json {
  return typedForm(sidecar as unknown as Json, SIDECAR);
}

function reorderedList(before: SidecarLists, after: SidecarLists): SidecarList {
  const order = ({ initContainers = [] }: SidecarLists) => initContainers.map(({ name }) => name).join();
  return order(before) === order(after) ? "containers" : "initContainers";
}
