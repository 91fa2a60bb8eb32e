import type { Patch } from "../cluster/cluster.ts";
import { applyJsonPatch } from "../core/kube/jsonPatch.ts";
import { applyMergePatch } from "../core/kube/mergePatch.ts";
import type { Json, JsonObject } from "../core/kube/object.ts";
import { applyStrategicMergePatch } from "../core/kube/strategicMergePatch.ts";
import type { ApiObject } from "./apiObject.ts";
import { cloneJson } from "./apiObject.ts";
import { badRequest, failure, unsupportedMediaType } from "./apiStatus.ts";
import type { ResourceDefinition } from "./resourceDefinition.ts";

/** The object after the patch. A JSON patch whose `test` fails is answered with 422, as by a real server. */
export function applyPatch(
  patch: Patch,
  object: ApiObject,
  { definition }: { readonly definition: ResourceDefinition },
): Json {
  const document = object as unknown as JsonObject;
  switch (patch.type) {
    case "json":
      return jsonPatched(patch.operations, document);
    case "merge":
      return applyMergePatch(document, cloneJson(patch.patch));
    case "strategic": {
      if (!definition.strategicMerge) throw unsupportedMediaType(CUSTOM_RESOURCE_MEDIA_TYPES);
      const patched = applyStrategicMergePatch(document, cloneJson(patch.patch));
      if (!patched.ok) throw badRequest(patched.error);
      return patched.value;
    }
  }
}

const CUSTOM_RESOURCE_MEDIA_TYPES =
  "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json";

const MOST_OPERATIONS = 10_000;

function jsonPatched(operations: Extract<Patch, { type: "json" }>["operations"], document: JsonObject): Json {
  if (operations.length > MOST_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${operations.length}`;
    throw failure(413, "RequestEntityTooLarge", `Request entity too large: ${message}`);
  }
  const patched = applyJsonPatch(document, cloneJson(operations), "apiServer");
  if (!patched.ok) {
    throw failure(422, "Invalid", "the server rejected our request due to an error in our request", {});
  }
  return patched.value;
}
