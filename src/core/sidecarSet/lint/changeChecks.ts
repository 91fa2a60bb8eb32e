import { encodeSorted } from "../../kube/goJson.ts";
import type { Json } from "../../kube/object.ts";
import { typedForm } from "../../kube/shape.ts";
import { isHashed } from "../sidecarDifferences.ts";
import type { SidecarSet } from "../sidecarSet.ts";
import { IMAGE_PULL_SECRETS, SIDECARS, VOLUMES } from "../sidecarSetShape.ts";
import { type Check, type Finding, finding, type Replaced, type Subject, shown } from "./finding.ts";
import { type TemplateChange, templateChanges } from "./templateChanges.ts";

export const beyondImage = onRollout((set, old, { written }) => {
  const [first, ...others] = templateChanges(set, old, written).filter(({ kind }) => kind === "other");
  if (!first) return [];
  const message = `pods of the version before cannot take this${also(others)} in place, so they do not roll (U07); change images alone, or recreate the pods`;
  return finding("L02", first.field, message);
});

/** Parts of the template that no hash covers. Where the hash without images moves, pods have to be recreated anyway, which is told. */
export const uncoveredChange = onRollout((set, old) => {
  const { hashes, newHashes } = old;
  if (hashes.hashWithoutImage !== newHashes.hashWithoutImage) return [];
  const message =
    "changed: running pods keep what they started with, yet count as up to date (U01); recreate them to bring the change";
  return (
    Object.keys(UNCOVERED)
      .filter((field) => UNCOVERED[field]!(set) !== UNCOVERED[field]!(old.set))
      // An update of images in place brings annotations along.
      .filter((field) => field !== "patchPodMetadata" || hashes.hash === newHashes.hash)
      .flatMap((field) => finding("L11", `spec.${field}`, message))
  );
});

export const pullPolicyByTag = onEach("pullPolicyByTag", ({ field, sidecar, before, after }) => {
  const message = `left out, so the image tag of ${sidecar} makes it ${after}, and pods of the version before do not roll (U07); write imagePullPolicy: ${before}`;
  return finding("L12", field, message);
});

export const emptyImageChanged = onEach("emptyImage", ({ field, before, after }) => {
  const message = `${shown(after)} instead of ${shown(before)}: pods of the version before do not roll (U07); keep the old one, or recreate the pods`;
  return finding("L13", field, message);
});

export const sidecarRemoved = onEach("removed", ({ field, sidecar }) => {
  const message = `${sidecar} is gone, but pods that run it keep it and do not roll any more (U07); recreate them`;
  return finding("L15", field, message);
});

/** Told only where a rollout might have been expected: there may be running pods, and the set is one that rolls. */
function onRollout(check: (set: SidecarSet, old: Replaced, subject: Subject) => readonly Finding[]): Check {
  return (subject) => {
    const { set, old } = subject;
    if (!old || hasNoPods(old.set) || set.spec.updateStrategy.type === "NotUpdate") return [];
    return check(set, old, subject);
  };
}

function onEach<K extends TemplateChange["kind"]>(
  kind: K,
  tell: (change: Extract<TemplateChange, { readonly kind: K }>) => readonly Finding[],
): Check {
  return onRollout((set, old, { written }) =>
    templateChanges(set, old, written)
      .filter((change): change is Extract<TemplateChange, { readonly kind: K }> => change.kind === kind)
      .flatMap(tell),
  );
}

function hasNoPods({ status }: SidecarSet): boolean {
  return status.observedGeneration !== undefined && status.matchedPods === 0;
}

const UNCOVERED: Readonly<Record<string, (set: SidecarSet) => string>> = {
  initContainers: (set) =>
    isHashed(set.spec, "initContainers") ? "" : textOf(set.spec.initContainers ?? [], SIDECARS),
  volumes: ({ spec }) => textOf(spec.volumes, VOLUMES),
  imagePullSecrets: ({ spec }) => textOf(spec.imagePullSecrets, IMAGE_PULL_SECRETS),
  patchPodMetadata: ({ spec }) => encodeSorted(spec.patchPodMetadata as unknown as Json),
};

/** In the form that is recorded, in which equal quantities are equal texts. */
function textOf(list: unknown, shape: typeof VOLUMES): string {
  return encodeSorted(typedForm(list as Json, shape));
}

/** Names one more field, and how many there are besides. */
function also([second, ...others]: readonly TemplateChange[]): string {
  if (!second) return "";
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  return ` (nor ${second.field.replace(/^spec\./, "")}${more})`;
}
