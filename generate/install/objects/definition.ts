import { isJsonObject, type JsonObject } from "../../../src/core/kube/object.ts";
import { isTrue, type Node, when } from "../slots.ts";

/** The kind itself. @param definition content of deploy/crd.yaml */
export function definitionOf(definition: JsonObject): Node {
  const { metadata } = definition;
  if (!isJsonObject(metadata)) throw new Error("deploy/crd.yaml has no metadata");
  const annotations = when(isTrue("crds.keep"), { "helm.sh/resource-policy": "keep" });
  return when(isTrue("crds.install"), { ...definition, metadata: { ...metadata, annotations } } as Node);
}
