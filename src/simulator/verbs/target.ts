import { type ApiObject, withoutUndefined } from "../apiObject.ts";
import type { ApiRequest, UserInfo } from "../apiRequest.ts";
import { ADMIN } from "../apiRequest.ts";
import { badRequest, methodNotAllowed, notFound, notImplemented, unknownPath } from "../apiStatus.ts";
import type { ResourceDefinition, ServedVersion, Subresource, Verb } from "../resourceDefinition.ts";
import type { ServerContext } from "../serverContext.ts";
import type { ResourceTable } from "../store/resourceTable.ts";
import { isUnserved } from "../unservedResources.ts";

/** Where a request goes, after the server has found out that it serves this. */
export interface Target {
  readonly definition: ResourceDefinition;
  readonly version: string;
  readonly served: ServedVersion;
  readonly table: ResourceTable;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: Subresource | undefined;
  readonly subresourceName: string;
  readonly dryRun: boolean;
  readonly user: UserInfo;
  readonly warnings: string[];
}

export function targetOf(context: ServerContext, request: ApiRequest): Target {
  const { group, version, plural, namespace, name } = request;
  const definition = context.registry.find(group, plural);
  const served = definition?.versions[version];
  if (!definition || !served) throw isUnserved(group, plural) ? notImplemented(nameOf(request)) : unknownPath();
  if (namespace !== undefined && !definition.namespaced) throw unknownPath();
  const subresource = request.subresource === undefined ? undefined : served.subresources[request.subresource];
  if (request.subresource !== undefined && !subresource) throw unservedSubresource(request, definition);
  const verbs: readonly Verb[] = subresource?.verbs ?? definition.verbs;
  if (!verbs.includes(request.verb)) {
    throw definition.strategy.readOnly ? notImplemented(`writing ${nameOf(request)}`) : methodNotAllowed();
  }
  const needsNamespace = definition.namespaced && namespace === undefined;
  if (needsNamespace && !["list", "watch"].includes(request.verb)) throw methodNotAllowed();
  return {
    definition,
    version,
    served,
    table: context.store.table(definition),
    namespace,
    name,
    subresource,
    subresourceName: request.subresource ?? "",
    dryRun: request.options?.dryRun ?? false,
    user: request.user ?? ADMIN,
    warnings: served.deprecationWarning === undefined ? [] : [served.deprecationWarning],
  };
}

function unservedSubresource(request: ApiRequest, definition: ResourceDefinition): Error {
  return definition.strategicMerge ? notImplemented(nameOf(request)) : unknownPath();
}

function nameOf({ group, version, plural, subresource }: ApiRequest): string {
  const resource = group === "" ? `${plural} (v1)` : `${plural}.${group} (${version})`;
  return subresource === undefined ? resource : `${plural}/${subresource} of ${resource}`;
}

export function existing(target: Target): ApiObject {
  const object = target.table.get(target.namespace, target.name!);
  if (!object) throw notFound(target.definition, target.name!);
  return object;
}

const views = new WeakMap<ApiObject, Map<string, ApiObject>>();

/** The object under the apiVersion the client asked for. The same object comes out each time, so that it is serialised once. */
export function inVersion(object: ApiObject, definition: ResourceDefinition, version: string): ApiObject {
  const apiVersion = definition.group === "" ? version : `${definition.group}/${version}`;
  if (object.apiVersion === apiVersion) return object;
  let byVersion = views.get(object);
  if (!byVersion) {
    byVersion = new Map();
    views.set(object, byVersion);
  }
  let view = byVersion.get(apiVersion);
  if (!view) {
    view = { ...object, apiVersion };
    byVersion.set(apiVersion, view);
  }
  return view;
}

export function inStorageVersion(object: ApiObject, definition: ResourceDefinition): ApiObject {
  return inVersion(object, definition, definition.storageVersion);
}

/** Refuses unknown fields or turns them into warnings, as `fieldValidation` asks. */
export function checkUnknownFields(
  { definition: { kind }, version, warnings }: Target,
  unknownFields: readonly string[],
  fieldValidation: string | undefined,
): void {
  if (unknownFields.length === 0 || fieldValidation === "Ignore") return;
  const problems = unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`);
  if (fieldValidation === "Strict") {
    const decoding = `${kind} in version "${version}" cannot be handled as a ${kind}`;
    throw badRequest(`${decoding}: strict decoding error: ${problems.join(", ")}`);
  }
  warnings.push(...problems);
}

export function requestOptions(kind: string, options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return withoutUndefined({ kind, apiVersion: "meta.k8s.io/v1", ...options });
}
