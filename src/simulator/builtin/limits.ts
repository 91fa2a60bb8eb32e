import { builtin, type ResourceDefinition } from "../resourceDefinition.ts";
import { ageColumn, nameColumn } from "../table/columns.ts";

/** There is none, and none can be made: nothing here would keep to it. Whoever describes a namespace may look for them. */
function neverThere(kind: string, plural: string, shortName: string): ResourceDefinition {
  return builtin({
    group: "",
    version: "v1",
    kind,
    plural,
    namespaced: true,
    shortNames: [shortName],
    verbs: ["get", "list", "watch"],
    columns: [nameColumn, ageColumn],
    strategy: { unconditionalUpdate: false, readOnly: true },
  });
}

export const LIMIT_RANGE = neverThere("LimitRange", "limitranges", "limits");
export const RESOURCE_QUOTA = neverThere("ResourceQuota", "resourcequotas", "quota");
