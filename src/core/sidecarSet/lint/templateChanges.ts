import type { Json } from "../../kube/object.ts";
import { typedForm } from "../../kube/shape.ts";
import { isNativeSidecar } from "../sidecarKind.ts";
import type { SidecarContainer, SidecarSet } from "../sidecarSet.ts";
import { SIDECAR } from "../sidecarSetShape.ts";
import { changedFields } from "./changedFields.ts";
import type { Replaced, WrittenSpec } from "./finding.ts";

/** Why a change of the sidecars is more than running pods can take in place. */
export type TemplateChange =
  | { readonly kind: "removed"; readonly field: string; readonly sidecar: string }
  | {
      readonly kind: "pullPolicyByTag";
      readonly field: string;
      readonly sidecar: string;
      readonly before: string;
      readonly after: string;
    }
  | { readonly kind: "emptyImage"; readonly field: string; readonly before: string; readonly after: string }
  | { readonly kind: "other"; readonly field: string };

export const SIDECAR_LISTS = ["containers", "initContainers"] as const;
export type SidecarList = (typeof SIDECAR_LISTS)[number];

/** Every difference beyond images, each once; none while the hash without images stays, for then pods can be updated in place. */
export function templateChanges(set: SidecarSet, replaced: Replaced, written: WrittenSpec): readonly TemplateChange[] {
  if (replaced.hashes.hashWithoutImage === replaced.newHashes.hashWithoutImage) return [];
  const old = replaced.set;
  const changes = SIDECAR_LISTS.filter((list) => isHashed(set, list) || isHashed(old, list)).flatMap((list) => [
    ...(set.spec[list] ?? []).flatMap((sidecar, index) => {
      const field = `spec.${list}[${index}]`;
      const before = find(old, list, sidecar.name);
      if (!before) return [{ kind: "other", field: `${field}.name` } as const];
      const isPolicyWritten = Boolean(written[list]?.[index]?.imagePullPolicy);
      return sidecarChanges(before, sidecar, { field, isPolicyWritten });
    }),
    ...(old.spec[list] ?? [])
      .filter(({ name }) => !find(set, list, name))
      .map(({ name }) => ({ kind: "removed", field: `spec.${list}`, sidecar: name }) as const),
  ]);
  return changes.length > 0 ? changes : [{ kind: "other", field: `spec.${reorderedList(set, old)}` }];
}

/** Init containers move the hashes only where one of them is a native sidecar, but then all of them do. */
export function isHashed({ spec }: SidecarSet, list: SidecarList): boolean {
  return list === "containers" || (spec.initContainers ?? []).some(isNativeSidecar);
}

function find(set: SidecarSet, list: SidecarList, name: string): SidecarContainer | undefined {
  return (set.spec[list] ?? []).find((sidecar) => sidecar.name === name);
}

function sidecarChanges(
  before: SidecarContainer,
  after: SidecarContainer,
  { field, isPolicyWritten }: { readonly field: string; readonly isPolicyWritten: boolean },
): readonly TemplateChange[] {
  return changedFields(typed(before), typed(after), SIDECAR).flatMap((path): TemplateChange[] => {
    const place = field + path;
    if (path === ".image") return [];
    if (path === ".imagePullPolicy" && !isPolicyWritten) {
      const [was, is] = [before, after].map(({ imagePullPolicy }) => String(imagePullPolicy));
      return [{ kind: "pullPolicyByTag", field: place, sidecar: after.name, before: was!, after: is! }];
    }
    if (path === ".upgradeStrategy.hotUpgradeEmptyImage") {
      const [was, is] = [before, after].map(({ upgradeStrategy }) => upgradeStrategy.hotUpgradeEmptyImage ?? "");
      return [{ kind: "emptyImage", field: place, before: was!, after: is! }];
    }
    return [{ kind: "other", field: place }];
  });
}

/** In the form that is hashed. */
function typed(sidecar: SidecarContainer): Json {
  return typedForm(sidecar as unknown as Json, SIDECAR);
}

/** Where the same sidecars stand in another order; an empty list differs from an absent one, too. */
function reorderedList(set: SidecarSet, old: SidecarSet): SidecarList {
  const order = ({ spec }: SidecarSet) => (spec.initContainers ?? []).map(({ name }) => name).join();
  return order(set) === order(old) ? "containers" : "initContainers";
}
