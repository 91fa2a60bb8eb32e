import type { AdmissionAttributes } from "../admission/admission.ts";
import { type ApiObject, withMeta } from "../apiObject.ts";
import type { ApiRequest } from "../apiRequest.ts";
import { alreadyExists, badRequest, failure, forbidden, invalid, notFound } from "../apiStatus.ts";
import { applied, type ManagedWrite, withOwners } from "../fieldManagement/fieldManagement.ts";
import { asApiObject, metaErrors, withoutSystemFields, withSystemFields } from "../objectMeta.ts";
import type { StrategyContext } from "../resourceDefinition.ts";
import { newUid, type ServerContext, timestamp } from "../serverContext.ts";
import { apiVersionOf } from "./read.ts";
import { checkUnknownFields, inStorageVersion, inVersion, requestOptions, type Target } from "./target.ts";

/** Decode → admission's changes → the server's own fields → validation → admission's verdict → store. */
export async function createObject(context: ServerContext, target: Target, request: ApiRequest): Promise<ApiObject> {
  const { definition, namespace, table, dryRun } = target;
  const write = managedWrite(context, target, request);
  const body = asApiObject(submittedObject(write), { apiVersion: apiVersionOf(target), kind: definition.kind });
  const submitted = withoutSystemFields(inRequestNamespace(body, target));
  checkAppliedName(body, target, request);
  const decoded = target.served.decode(submitted);
  checkUnknownFields(target, decoded.unknownFields ?? [], request.options?.fieldValidation);
  if (definition.strategy.answer) return definition.strategy.answer(decoded.object, target.user);
  checkNamespaceTakesContent(context, target, submitted.metadata.name ?? "");
  const { managedFields } =
    request.patch?.type === "apply" ? body.metadata : withOwners(decoded.object, undefined, write).metadata;
  const owned = withMeta(decoded.object, { managedFields });
  const attributes: AdmissionAttributes = {
    operation: "CREATE",
    definition,
    version: target.version,
    subresource: "",
    namespace,
    name: submitted.metadata.name ?? "",
    object: definition.strategy.admitCreate?.(owned) ?? owned,
    oldObject: undefined,
    dryRun,
    options: createOptions(request),
    user: target.user,
    warn: (warning) => target.warnings.push(warning),
  };
  const admitted = await context.admission.mutate(attributes);
  const strategy = strategyContext(context);
  const named = withSystemFields(withMeta(inRequestNamespace(admitted!, target), { managedFields }), context);
  const prepared = withFirstGeneration(definition.strategy.prepareForCreate?.(named, strategy) ?? named, target);
  const errors = [...(definition.strategy.validateCreate?.(prepared, target.version) ?? []), ...metaErrors(prepared)];
  if (errors.length > 0) throw invalid(definition, prepared.metadata.name ?? "", errors);
  await context.admission.validate({ ...attributes, object: prepared, name: prepared.metadata.name! });
  if (body.metadata.resourceVersion !== undefined)
    throw failure(500, "", "resourceVersion should not be set on objects to be created");
  if (prepared.metadata.resourceVersion !== undefined) throw failure(500, "", VERSION_ON_CREATE);
  if (table.get(namespace, prepared.metadata.name!)) {
    const generated = (submitted.metadata.name ?? "") === "";
    throw alreadyExists(definition, prepared.metadata.name!, generated);
  }
  checkNamespaceTakesContent(context, target, prepared.metadata.name!);
  const stored = dryRun ? prepared : table.put(inStorageVersion(prepared, definition));
  return inVersion(stored, definition, target.version);
}

export function managedWrite(context: ServerContext, target: Target, request: ApiRequest): ManagedWrite {
  const { definition, version, subresourceName: subresource } = target;
  return { definition, version, subresource, request, now: timestamp(context.environment.clock.now()) };
}

function submittedObject(write: ManagedWrite): unknown {
  const { patch, body } = write.request;
  return patch?.type === "apply" ? applied(undefined, patch.configuration, write) : body;
}

function checkAppliedName({ metadata }: ApiObject, { name }: Target, { patch }: ApiRequest): void {
  if (!patch || metadata.name === name) return;
  throw badRequest(`the name of the object (${metadata.name ?? ""}) does not match the name on the URL (${name})`);
}

const VERSION_ON_CREATE = "resourceVersion should not be set on objects to be created";

export function strategyContext({ environment }: ServerContext): StrategyContext {
  return { now: timestamp(environment.clock.now()), newUid: () => newUid(environment.random) };
}

function withFirstGeneration(object: ApiObject, { definition }: Target): ApiObject {
  return definition.strategy.generationOf ? withMeta(object, { generation: 1 }) : object;
}

export function inRequestNamespace(object: ApiObject, { namespace }: Pick<Target, "namespace">): ApiObject {
  const own = object.metadata.namespace;
  if (own === namespace) return object;
  if (own !== undefined && own !== "" && namespace !== undefined) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  return withMeta(object, { namespace });
}

/** Nothing is created in a namespace that does not exist or is going away. */
function checkNamespaceTakesContent(context: ServerContext, target: Target, name: string): void {
  const { definition, namespace } = target;
  if (!definition.namespaced) return;
  const found = context.store.table({ group: "", plural: "namespaces" }).get(undefined, namespace!);
  if (!found) throw notFound({ group: "", plural: "namespaces" }, namespace!);
  if (!found.metadata.deletionTimestamp) return;
  throw forbidden(
    definition,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: "NamespaceTerminating",
        message: `namespace ${namespace} is being terminated`,
        field: "metadata.namespace",
      },
    ],
  );
}

function createOptions({ options }: ApiRequest): Record<string, unknown> {
  return requestOptions("CreateOptions", {
    dryRun: options?.dryRun ? ["All"] : undefined,
    fieldManager: options?.fieldManager,
    fieldValidation: options?.fieldValidation,
  });
}
