import type { ResourceType } from "../cluster/resource.ts";

export interface PathTarget {
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** `/apis/apps/v1/namespaces/ns-1/deployments/web/status?dryRun=All`. A namespaced kind without a namespace means all of them. */
export function resourcePath(type: ResourceType, target: PathTarget, query: Query = {}): string {
  const segments = [
    ...(type.group === "" ? ["api", type.version] : ["apis", type.group, type.version]),
    ...(type.namespaced && target.namespace !== undefined ? ["namespaces", target.namespace] : []),
    type.plural,
    ...(target.name === undefined ? [] : [target.name]),
    ...(target.subresource === undefined ? [] : [target.subresource]),
  ];
  return `/${segments.map(encodeURIComponent).join("/")}${queryText(query)}`;
}

function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? "" : `?${parameters}`;
}
