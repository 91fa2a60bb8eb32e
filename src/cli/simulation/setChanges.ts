import { encodeSorted } from "../../core/kube/goJson.ts";
import { isJsonObject, type Json } from "../../core/kube/object.ts";
import { sidecarSetHashes } from "../../core/sidecarSet/hash.ts";
import type { WrittenSpec } from "../../core/sidecarSet/lint/finding.ts";
import { templateChanges } from "../../core/sidecarSet/lint/templateChanges.ts";
import { SIDECAR_LISTS } from "../../core/sidecarSet/sidecarDifferences.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import type { Manifest } from "../manifests.ts";

/** One field that differs between two states of a SidecarSet, and how running pods take that. */
export interface SetChange {
  /** Path as Kubernetes writes it. */
  readonly field: string;
  /** Absent where there was, or is, none. */
  readonly from?: Json;
  readonly to?: Json;
  /**
   * `inPlace`: without recreating pods. `recreation`: not in running pods (U07). `strategy`: how the rollout goes. `selection`: which
   * pods it is about. `newPods`: only pods that are created from now on.
   */
  readonly effect: "inPlace" | "recreation" | "strategy" | "selection" | "newPods";
}

export function setChanges(before: SidecarSet, after: SidecarSet, written: WrittenSpec): readonly SetChange[] {
  const replaced = { set: before, hashes: sidecarSetHashes(before), newHashes: sidecarSetHashes(after) };
  const beyond = templateChanges(after, replaced, written).map(
    ({ field }): SetChange => ({ field, ...valuesAt(field, before, after), effect: "recreation" }),
  );
  return [
    ...imageChanges(before, after),
    ...beyond,
    ...fieldChanges("spec.updateStrategy", before.spec.updateStrategy, after.spec.updateStrategy, () => "strategy"),
    ...fieldChanges(
      "spec.injectionStrategy",
      before.spec.injectionStrategy,
      after.spec.injectionStrategy,
      () => "newPods",
    ),
    ...fieldChanges("spec", before.spec, after.spec, (field) => EFFECTS[field]),
  ];
}

/** Of whole fields of the spec; those that are not here are told in parts, or change nothing about pods. */
const EFFECTS: Readonly<Record<string, SetChange["effect"]>> = {
  selector: "selection",
  namespaceSelector: "selection",
  volumes: "newPods",
  imagePullSecrets: "newPods",
  patchPodMetadata: "newPods",
};

function imageChanges(before: SidecarSet, after: SidecarSet): readonly SetChange[] {
  return SIDECAR_LISTS.flatMap((list) =>
    (after.spec[list] ?? []).flatMap(({ name, image = "" }, index): readonly SetChange[] => {
      const old = (before.spec[list] ?? []).find((sidecar) => sidecar.name === name);
      if (!old || old.image === image) return [];
      return [{ field: `spec.${list}[${index}].image`, from: old.image ?? "", to: image, effect: "inPlace" }];
    }),
  );
}

/** @param effectOf undefined: the field is not told */
function fieldChanges(
  path: string,
  before: object,
  after: object,
  effectOf: (field: string) => SetChange["effect"] | undefined,
): readonly SetChange[] {
  const [was, is] = [before, after] as readonly Record<string, Json | undefined>[];
  return [...new Set([...Object.keys(was!), ...Object.keys(is!)])].flatMap((name) => {
    const effect = effectOf(name);
    if (effect === undefined || textOf(was![name]) === textOf(is![name])) return [];
    return [{ field: `${path}.${name}`, ...present(was![name], is![name]), effect }];
  });
}

/** A container keeps its name when it moves in its list: the old value is looked up by that. */
function valuesAt(field: string, before: SidecarSet, after: SidecarSet): Pick<SetChange, "from" | "to"> {
  const path = [...field.matchAll(/[^.[\]]+/g)].map(([part]) => part);
  const [, list = "", index = "", ...rest] = path;
  const sidecar = listOf(after, list)[Number(index)];
  const old = listOf(before, list).find(({ name }) => name === sidecar?.name);
  if (rest.length === 0 || !sidecar || !old) return {};
  return present(at(old, rest), at(sidecar, rest));
}

function listOf({ spec }: SidecarSet, list: string): readonly { readonly name: string }[] {
  const found = SIDECAR_LISTS.find((name) => name === list);
  return (found && spec[found]) ?? [];
}

function at(value: unknown, path: readonly string[]): Json | undefined {
  return path.reduce<unknown>((part, name) => {
    if (Array.isArray(part)) return part[Number(name)];
    return isJsonObject(part) ? part[name] : undefined;
  }, value) as Json | undefined;
}

function present(from: Json | undefined, to: Json | undefined): Pick<SetChange, "from" | "to"> {
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function textOf(value: Json | undefined): string {
  return value === undefined ? "" : encodeSorted(value);
}

/** The spec before defaults were filled in; only of what admission would take. */
export function writtenSpec({ object }: Manifest): WrittenSpec {
  return (object as { readonly spec?: WrittenSpec }).spec ?? {};
}
