import { encodeSorted } from "../../../src/core/kube/goJson.ts";
import type { Json, JsonObject } from "../../../src/core/kube/object.ts";
import { convertSidecarSet, type SidecarSetVersion } from "../../../src/core/sidecarSet/convertSidecarSet.ts";
import { sidecarSetHashes } from "../../../src/core/sidecarSet/hash.ts";
import { parseSidecarSet } from "../../../src/core/sidecarSet/parseSidecarSet.ts";
import { revisionData } from "../../../src/core/sidecarSet/revision.ts";
import { compare, firstDifference, type Judge } from "../judge.ts";
import { normalise } from "../normalise.ts";

export const conversion: Judge = ({ input, expected }) => {
  const raw = input.sidecarSet as JsonObject;
  const isAlpha = raw.apiVersion === "apps.kruise.io/v1alpha1";
  const converted = convert(raw, isAlpha ? "v1beta1" : "v1alpha1");
  const roundTrip = convert(converted, isAlpha ? "v1alpha1" : "v1beta1");
  const judgement = compare({ converted, roundTrip }, expected);
  const meanings = firstDifference(meaningOf(converted), meaningOf(raw), "meaning of both");
  return meanings === undefined ? judgement : { ...judgement, agrees: false, difference: meanings };
};

function convert(raw: JsonObject, to: SidecarSetVersion): JsonObject {
  const result = convertSidecarSet(raw, to);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** The internal model, with the template in canonical form and without status, which conversion completes with zeros. */
function meaningOf(raw: JsonObject): Json {
  const parsed = parseSidecarSet(raw);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const { containers, initContainers } = parsed.value.spec;
  const { status: _, ...set } = parsed.value;
  const spec = { ...set.spec, containers: [], initContainers: [], volumes: [], patchPodMetadata: [] };
  const isListed = { containers: containers?.length ?? 0, initContainers: initContainers?.length ?? 0 };
  const template = encodeSorted(revisionData(parsed.value));
  const hashes = containers?.length === 0 ? {} : sidecarSetHashes(parsed.value);
  return normalise({ ...set, spec, isListed, template, ...hashes });
}
