import { effectiveTag, parseImageReference } from "../kube/imageReference.ts";
import { type ControllerRevision, isJsonList, isJsonObject, type Json } from "../kube/object.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";

/** What a set changes in its sidecars: `logtail: 1.0.0 -> 1.0.1, envoy: added`; the images when there is nothing to compare with. */
export function changeText(before: ControllerRevision | undefined, { spec }: SidecarSet): string {
  const after = new Map([...(spec.initContainers ?? []), ...(spec.containers ?? [])].map(imageOf));
  const known = imagesOf(before);
  if (!known) return [...after].map(([name, image]) => `${name}: ${image}`).join(", ");
  const changed = [...after].flatMap(([name, image]) => {
    const was = known.get(name);
    if (was === image) return [];
    return [`${name}: ${was === undefined ? `added, ${image}` : imageChange(was, image)}`];
  });
  const removed = [...known.keys()].filter((name) => !after.has(name)).map((name) => `${name}: removed`);
  return [...changed, ...removed].join(", ") || "no image";
}

function imageChange(before: string, after: string): string {
  const [was, is] = [parseImageReference(before), parseImageReference(after)];
  const onlyTag = was && is && was.familiarName === is.familiarName && !was.digest && !is.digest;
  return onlyTag ? `${effectiveTag(before)} -> ${effectiveTag(after)}` : `${before} -> ${after}`;
}

function imagesOf(revision: ControllerRevision | undefined): ReadonlyMap<string, string> | undefined {
  const spec = isJsonObject(revision?.data) ? revision.data.spec : undefined;
  if (!isJsonObject(spec)) return undefined;
  const sidecars = [spec.initContainers, spec.containers].flatMap((list): readonly Json[] =>
    isJsonList(list) ? list : [],
  );
  return new Map(sidecars.filter(isJsonObject).map(imageOf));
}

function imageOf({ name, image }: { readonly name?: unknown; readonly image?: unknown }): readonly [string, string] {
  return [String(name ?? ""), String(image ?? "")];
}
