import type { ResourceDefinition, ServedVersion, Verb } from "../resourceDefinition.ts";
import type { ResourceRegistry } from "../resourceRegistry.ts";
import { compareVersions } from "../versionOrder.ts";
import type { AcceptedForm } from "./acceptedForm.ts";

/** The documents under /api and /apis that tell clients what is served; undefined for a group or version that is not. */
export function discoveryDocument(
  registry: ResourceRegistry,
  path: string,
  form: AcceptedForm,
): Readonly<Record<string, unknown>> | undefined {
  const groups = groupsOf(registry);
  const core = groups.filter(({ name }) => name === "");
  const named = groups.filter(({ name }) => name !== "");
  const [root, group, version] = path.split("/").filter((part) => part !== "");
  if (root === "api") {
    if (group === undefined) return form === "aggregatedDiscovery" ? aggregated(core) : coreVersions();
    return resourceList(core[0], group);
  }
  if (group === undefined) return form === "aggregatedDiscovery" ? aggregated(named) : groupList(named);
  const found = named.find(({ name }) => name === group);
  if (!found) return undefined;
  return version === undefined
    ? { kind: "APIGroup", apiVersion: "v1", ...groupDocument(found) }
    : resourceList(found, version);
}

export interface Group {
  readonly name: string;
  /** Most preferred first. */
  readonly versions: readonly string[];
  readonly definitions: readonly ResourceDefinition[];
}

export function groupsOf(registry: ResourceRegistry): Group[] {
  const all = [...registry.all()].sort((a, b) => (a.plural < b.plural ? -1 : 1));
  return [...new Set(registry.all().map(({ group }) => group))].map((name) => {
    const definitions = all.filter(({ group }) => group === name);
    const versions = new Set(definitions.flatMap((definition) => Object.keys(definition.versions)));
    return { name, versions: [...versions].sort(compareVersions), definitions };
  });
}

function coreVersions(): Record<string, unknown> {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [],
  };
}

function groupList(groups: readonly Group[]): Record<string, unknown> {
  return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(groupDocument) };
}

function groupDocument({ name, versions }: Group): Record<string, unknown> {
  const documents = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: documents, preferredVersion: documents[0] };
}

function resourceList(group: Group | undefined, version: string): Record<string, unknown> | undefined {
  if (!group?.versions.includes(version)) return undefined;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: group.name === "" ? version : `${group.name}/${version}`,
    resources: servedIn(group, version).flatMap(([definition, served]) => [
      {
        name: definition.plural,
        singularName: definition.singular,
        namespaced: definition.namespaced,
        kind: definition.kind,
        verbs: definition.verbs,
        ...(definition.shortNames.length > 0 ? { shortNames: definition.shortNames } : {}),
        ...(definition.categories.length > 0 ? { categories: definition.categories } : {}),
      },
      ...Object.entries(served.subresources).map(([name, subresource]) => ({
        name: `${definition.plural}/${name}`,
        singularName: "",
        namespaced: definition.namespaced,
        ...(subresource.kind ? { group: subresource.kind.group, version: subresource.kind.version } : {}),
        kind: subresource.kind?.kind ?? definition.kind,
        verbs: subresource.verbs,
      })),
    ]),
  };
}

/** Everything in one document, so that kubectl needs two requests and not one per group. */
function aggregated(groups: readonly Group[]): Record<string, unknown> {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map((group) => ({
      metadata: { name: group.name, creationTimestamp: null },
      versions: group.versions.map((version) => ({
        version,
        freshness: "Current",
        resources: servedIn(group, version).map(([definition, served]) =>
          aggregatedResource(definition, served, version),
        ),
      })),
    })),
  };
}

function aggregatedResource(
  definition: ResourceDefinition,
  served: ServedVersion,
  version: string,
): Record<string, unknown> {
  const own = { group: definition.group, version, kind: definition.kind };
  return {
    resource: definition.plural,
    responseKind: own,
    scope: definition.namespaced ? "Namespaced" : "Cluster",
    singularResource: definition.singular,
    verbs: sorted(definition.verbs),
    ...(definition.shortNames.length > 0 ? { shortNames: definition.shortNames } : {}),
    ...(definition.categories.length > 0 ? { categories: definition.categories } : {}),
    subresources: Object.entries(served.subresources).map(([name, subresource]) => ({
      subresource: name,
      responseKind: subresource.kind ?? own,
      verbs: sorted(subresource.verbs),
    })),
  };
}

function servedIn({ definitions }: Group, version: string): [ResourceDefinition, ServedVersion][] {
  return definitions.flatMap((definition) => {
    const served = definition.versions[version];
    return served ? [[definition, served] as [ResourceDefinition, ServedVersion]] : [];
  });
}

function sorted(verbs: readonly Verb[]): Verb[] {
  return [...verbs].sort();
}
