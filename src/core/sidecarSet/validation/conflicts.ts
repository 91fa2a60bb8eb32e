import { duplicate, invalid } from "../../kube/fieldErrors.ts";
import { encodeSorted } from "../../kube/goJson.ts";
import { compileSelector, type LabelSelector } from "../../kube/labelSelector.ts";
import type { Json } from "../../kube/object.ts";
import { selectorsOverlap } from "../../kube/selectorOverlap.ts";
import { typedForm } from "../../kube/shape.ts";
import { VOLUME } from "../../kube/volumeShape.ts";
import type { FieldError } from "../../result.ts";
import { canaryBaseOf } from "../canary.ts";
import { namesInPod } from "../sidecarKind.ts";
import type { PatchPodMetadata, SidecarSet } from "../sidecarSet.ts";
import { patchedKeys } from "./patchedKeys.ts";

/** What this set and another one cannot both put into the same pod. */
export function conflictErrors(set: SidecarSet, existing: readonly SidecarSet[]): FieldError[] {
  const others = existing.filter((other) => mayMeet(set, other));
  return others.flatMap((other) => CHECKS.flatMap((check) => check(set, other)));
}

/** Clashes that OpenKruise lets pass: across the two lists of containers, and of the names of hot-upgrade pairs. */
export function hiddenConflictErrors(set: SidecarSet, existing: readonly SidecarSet[]): FieldError[] {
  const others = existing.filter((other) => mayMeet(set, other));
  return [...ownPairConflicts(set), ...others.flatMap((other) => hiddenNameConflicts(set, other))];
}

const CHECKS: readonly ((set: SidecarSet, other: SidecarSet) => FieldError[])[] = [
  nameConflicts,
  volumeConflicts,
  metadataConflicts,
];

/** Whether a pod can get both. Of a canary and its base it gets only one. */
function mayMeet(set: SidecarSet, other: SidecarSet): boolean {
  if (set.name === other.name) return false;
  if (canaryBaseOf(set.annotations) === other.name || canaryBaseOf(other.annotations) === set.name) return false;
  const namespaces = [set.spec.namespaceSelector, other.spec.namespaceSelector] as const;
  return (
    overlap(set.spec.selector, other.spec.selector) &&
    (namespaces[0] === undefined || namespaces[1] === undefined || overlap(...namespaces))
  );
}

function overlap(left: LabelSelector | undefined, right: LabelSelector | undefined): boolean {
  if (!left || !right) return false;
  const [one, two] = [compileSelector(left), compileSelector(right)];
  return one.ok && two.ok && selectorsOverlap(one.value, two.value);
}

function nameConflicts(set: SidecarSet, other: SidecarSet): FieldError[] {
  return sidecarsOf(set)
    .filter((ours) => sidecarsOf(other).some((theirs) => isSameEntry(ours, theirs)))
    .flatMap(({ name, field }) => duplicate(field, name, clash(`a container ${name}`, other)));
}

/** Names as they will be in the pod, where init containers and containers share one space. */
function hiddenNameConflicts(set: SidecarSet, other: SidecarSet): FieldError[] {
  return sidecarsOf(set).flatMap((ours) => {
    const rivals = sidecarsOf(other).filter((theirs) => !isSameEntry(ours, theirs));
    const taken = new Set(rivals.flatMap(({ namesInPod }) => namesInPod));
    return ours.namesInPod
      .filter((name) => taken.has(name))
      .flatMap((name) => duplicate(ours.field, ours.name, clash(`a container ${name}`, other)));
  });
}

/** A pair and another container of the same set. */
function ownPairConflicts(set: SidecarSet): FieldError[] {
  const sidecars = sidecarsOf(set);
  const owners = new Map<string, Set<string>>();
  for (const { name, namesInPod } of sidecars) {
    for (const inPod of namesInPod) owners.set(inPod, (owners.get(inPod) ?? new Set()).add(name));
  }
  return sidecars.flatMap(({ name, namesInPod, field }) =>
    namesInPod
      .filter((inPod) => owners.get(inPod)!.size > 1)
      .flatMap((inPod) => duplicate(field, name, `a pod would get two containers ${inPod}: HotUpgrade makes a pair`)),
  );
}

interface Sidecar {
  readonly list: "containers" | "initContainers";
  readonly name: string;
  readonly namesInPod: readonly string[];
  readonly field: string;
}

function isSameEntry(left: Sidecar, right: Sidecar): boolean {
  return left.list === right.list && left.name === right.name;
}

function sidecarsOf({ spec }: SidecarSet): Sidecar[] {
  return (["containers", "initContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).map((sidecar, index) => ({
      list,
      name: sidecar.name,
      namesInPod: namesInPod(sidecar, list),
      field: `spec.${list}[${index}].name`,
    })),
  );
}

/** Equal volumes are shared. */
function volumeConflicts(set: SidecarSet, other: SidecarSet): FieldError[] {
  const theirs = new Map(other.spec.volumes.map((volume) => [volume.name, canonical(volume)]));
  return set.spec.volumes.flatMap((volume, index) => {
    const same = theirs.get(volume.name);
    if (same === undefined || same === canonical(volume)) return [];
    return invalid(`spec.volumes[${index}]`, volume.name, clash("another volume of this name", other));
  });
}

function canonical(volume: unknown): string {
  return encodeSorted(typedForm(volume as Json, VOLUME));
}

/** Retain never changes anything. Two merges go together, and so do two appends; one of each would meet what it cannot read. */
function metadataConflicts(set: SidecarSet, other: SidecarSet): FieldError[] {
  const theirs = patchedKeys(other).filter(({ policy }) => policy !== "Retain");
  const ours = patchedKeys(set).filter(({ policy }) => policy !== "Retain");
  return ours.flatMap(({ map, key, policy, field }) => {
    const rival = theirs.find((their) => their.map === map && their.key === key);
    if (!rival || goTogether([policy, rival.policy])) return [];
    const what = map === "labels" ? "label" : "annotation";
    return invalid(field, key, clash(`a patch of this ${what} with policy ${rival.policy}`, other));
  });
}

function goTogether(policies: readonly PatchPodMetadata["patchPolicy"][]): boolean {
  const has = (policy: PatchPodMetadata["patchPolicy"]) => policies.includes(policy);
  return !has("Overwrite") && !(has("MergePatchJson") && has("AppendUnique"));
}

function clash(what: string, other: SidecarSet): string {
  return `SidecarSet ${other.name}, whose pods may be the same, has ${what}`;
}
