import type { ResourceDefinition } from "../resourceDefinition.ts";
import type { ResourceRegistry } from "../resourceRegistry.ts";
import { type Group, groupsOf } from "./discovery.ts";

/**
 * The least of OpenAPI v3 that kubectl needs: which kinds there are, and that writes take `fieldValidation`, so that kubectl leaves
 * validation to the server. Custom resources have their schemas, for `kubectl explain`; the built-in kinds have none.
 */
export function openApiDocument(registry: ResourceRegistry, path: string): Record<string, unknown> | undefined {
  const groups = groupsOf(registry);
  if (path === "/openapi/v3") return { paths: Object.fromEntries(groups.flatMap(indexEntries)) };
  const place = path.slice("/openapi/v3/".length);
  for (const group of groups) {
    const version = group.versions.find((candidate) => placeOf(group, candidate) === place);
    if (version !== undefined) return document(group, version);
  }
  return undefined;
}

function placeOf({ name }: Group, version: string): string {
  return name === "" ? `api/${version}` : `apis/${name}/${version}`;
}

function indexEntries(group: Group): [string, { serverRelativeURL: string }][] {
  return group.versions.map((version) => {
    const place = placeOf(group, version);
    return [place, { serverRelativeURL: `/openapi/v3/${place}` }];
  });
}

const WRITE_PARAMETERS = ["dryRun", "fieldManager", "fieldValidation"].map((name) => ({
  name,
  in: "query",
  schema: { type: "string", uniqueItems: true },
}));

function document(group: Group, version: string): Record<string, unknown> {
  const served = group.definitions.filter((definition) => definition.versions[version]);
  return {
    openapi: "3.0.0",
    info: { title: "sidecarset embedded API server", version: "v1.36.0" },
    paths: Object.fromEntries(
      served.map((definition) => {
        const scope = definition.namespaced ? "namespaces/{namespace}/" : "";
        const kind = { group: group.name, version, kind: definition.kind };
        const operation = (action: string): Record<string, unknown> => ({
          "x-kubernetes-action": action,
          "x-kubernetes-group-version-kind": kind,
          parameters: WRITE_PARAMETERS,
          responses: { 200: { description: "OK" } },
        });
        const path = `/${placeOf(group, version)}/${scope}${definition.plural}/{name}`;
        return [path, { patch: operation("patch"), put: operation("put") }];
      }),
    ),
    components: { schemas: Object.fromEntries(served.flatMap((definition) => schemaEntry(definition, version))) },
  };
}

/** `io.kruise.apps.v1beta1.SidecarSet`: the group backwards, as Kubernetes names its schemas. */
function schemaEntry(
  { group, kind, versions, strategicMerge }: ResourceDefinition,
  version: string,
): [string, object][] {
  const schema = versions[version]?.schema;
  if (schema === undefined || strategicMerge) return [];
  const name = [...group.split(".").reverse(), version, kind].join(".");
  return [[name, { ...schema, "x-kubernetes-group-version-kind": [{ group, version, kind }] }]];
}
