import type { ResourceDefinition } from "../resourceDefinition.ts";
import type { ResourceRegistry } from "../resourceRegistry.ts";
import { typeNameOf } from "../schema/builtinTypes.ts";
import { openApiName, openApiSchemas } from "../schema/openApiSchemas.ts";
import { type Group, groupsOf } from "./discovery.ts";

/**
 * The least of OpenAPI v3 that kubectl needs: which kinds there are, what they hold (`kubectl explain`), how their lists are merged
 * (`kubectl apply`), and that writes take `fieldValidation`, so that kubectl leaves validation to the server.
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
    components: { schemas: schemasOf(served, version) },
  };
}

/** What the kinds hold, under Kubernetes' names: `io.k8s.api.core.v1.Pod`, `io.kruise.apps.v1beta1.SidecarSet`. */
function schemasOf(served: readonly ResourceDefinition[], version: string): Record<string, unknown> {
  const builtin = served.filter(({ strategicMerge }) => strategicMerge);
  const types = openApiSchemas(builtin.map((definition) => typeNameOf(definition, version)));
  const kinds = served.flatMap((definition): [string, unknown][] => {
    const { group, kind, versions, strategicMerge } = definition;
    const name = strategicMerge
      ? openApiName(typeNameOf(definition, version))
      : [...group.split(".").reverse(), version, kind].join(".");
    const schema = strategicMerge ? types[name] : versions[version]?.schema;
    return schema ? [[name, { ...schema, "x-kubernetes-group-version-kind": [{ group, version, kind }] }]] : [];
  });
  return { ...types, ...Object.fromEntries(kinds) };
}
