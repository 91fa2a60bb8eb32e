import { parseAllDocuments } from "yaml";
import type { JsonObject, KubeObject } from "../../src/core/kube/object.ts";

/** Of a text with several documents, the empty ones left out. */
export function documents(text: string): readonly JsonObject[] {
  const objects = parseAllDocuments(text).map((document) => document.toJS() as JsonObject | null);
  return objects.filter((object) => object !== null);
}

/** In whatever order they come. */
export function byName(objects: readonly JsonObject[]): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    objects.map((object) => {
      const { kind, metadata } = object as unknown as KubeObject;
      return [`${kind} ${metadata.namespace ?? ""}/${metadata.name}`, object];
    }),
  );
}
