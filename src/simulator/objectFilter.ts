import { parseSelectorText } from "../core/kube/selectorText.ts";
import type { ApiObject } from "./apiObject.ts";
import { badRequest } from "./apiStatus.ts";
import type { ResourceDefinition } from "./resourceDefinition.ts";

export type ObjectFilter = (object: ApiObject) => boolean;

/** labelSelector and fieldSelector of a request as one question about an object; BadRequest when one of them cannot be read. */
export function objectFilter(
  definition: ResourceDefinition,
  selectors: { readonly labelSelector?: string; readonly fieldSelector?: string },
): ObjectFilter {
  const labels = parseSelectorText(selectors.labelSelector ?? "");
  if (!labels.ok) throw badRequest(labels.error);
  const fields = parseFieldSelector(selectors.fieldSelector ?? "", definition);
  return (object) =>
    labels.value.matches(object.metadata.labels ?? {}) &&
    fields.every(({ read, value, equal }) => (read(object) === value) === equal);
}

interface FieldRequirement {
  readonly read: (object: ApiObject) => string;
  readonly value: string;
  readonly equal: boolean;
}

function parseFieldSelector(text: string, definition: ResourceDefinition): FieldRequirement[] {
  if (text === "") return [];
  return text.split(",").map((part) => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part.trim());
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const [, field, operator, value] = match;
    return { read: fieldReader(field!, definition), value: value!, equal: operator !== "!=" };
  });
}

function fieldReader(field: string, definition: ResourceDefinition): (object: ApiObject) => string {
  if (field === "metadata.name") return (object) => object.metadata.name ?? "";
  if (field === "metadata.namespace" && definition.namespaced) return (object) => object.metadata.namespace ?? "";
  const read = definition.strategy.selectableFields?.[field];
  if (!read) throw badRequest(`field label not supported: ${field}`);
  return read;
}
