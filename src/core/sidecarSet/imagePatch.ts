import { parseImageReference } from "../kube/imageReference.ts";
import { isJsonList, isJsonObject, type Json, type JsonObject } from "../kube/object.ts";
import { err, ok, type Result } from "../result.ts";
import { SIDECAR_LISTS } from "./sidecarDifferences.ts";

export type ImageRefusal =
  | { readonly because: "noSuchSidecar"; readonly sidecar: string; readonly known: readonly string[] }
  | { readonly because: "noImage"; readonly sidecar: string; readonly image: string };

/**
 * The merge patch of a SidecarSet's spec that gives sidecars other images; lists are replaced as a whole, everything else in them stays
 * as its owner wrote it.
 * @param writtenSpec as it is stored, before defaults
 * @param images sidecar's name → image
 * @returns undefined when they have these images already
 */
export function imagePatch(
  writtenSpec: JsonObject,
  images: ReadonlyMap<string, string>,
): Result<JsonObject | undefined, ImageRefusal> {
  const lists = SIDECAR_LISTS.map((list) => [list, sidecarsIn(writtenSpec[list])] as const);
  const known = lists.flatMap(([, sidecars]) => sidecars.map(({ name }) => String(name)));
  for (const [sidecar, image] of images) {
    if (!known.includes(sidecar)) return err({ because: "noSuchSidecar", sidecar, known });
    if (!parseImageReference(image)) return err({ because: "noImage", sidecar, image });
  }
  const changed = lists.flatMap(([list, sidecars]): [string, Json][] => {
    const after = sidecars.map((sidecar) => withImage(sidecar, images.get(String(sidecar.name))));
    return after.some((sidecar, index) => sidecar !== sidecars[index]) ? [[list, after]] : [];
  });
  return ok(changed.length === 0 ? undefined : Object.fromEntries(changed));
}

function sidecarsIn(list: Json | undefined): readonly JsonObject[] {
  return isJsonList(list) ? list.filter(isJsonObject) : [];
}

function withImage(sidecar: JsonObject, image: string | undefined): JsonObject {
  return image === undefined || sidecar.image === image ? sidecar : { ...sidecar, image };
}
