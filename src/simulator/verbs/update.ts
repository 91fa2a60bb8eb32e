import type { AdmissionAttributes } from "../admission/admission.ts";
import { type ApiObject, sameJson, withMeta, withoutUndefined } from "../apiObject.ts";
import type { ApiRequest } from "../apiRequest.ts";
import { badRequest, conflict, invalid, OBJECT_MODIFIED } from "../apiStatus.ts";
import { applyPatch } from "../applyPatch.ts";
import { applied, type ManagedWrite, withOwners } from "../fieldManagement/fieldManagement.ts";
import { asApiObject, metaErrors, metaUpdateErrors, withKeptFields } from "../objectMeta.ts";
import type { ServerContext } from "../serverContext.ts";
import { createObject, inRequestNamespace, managedWrite, strategyContext } from "./create.ts";
import { apiVersionOf } from "./read.ts";
import { checkUnknownFields, existing, inStorageVersion, inVersion, requestOptions, type Target } from "./target.ts";

/** How often a write without a resourceVersion starts again after somebody else was faster. */
const MOST_ATTEMPTS = 5;

export interface Written {
  readonly object: ApiObject;
  readonly created: boolean;
}

/** PUT and PATCH: the new state is made from the stored one, judged, and stored if nobody else wrote in between. */
export async function updateObject(context: ServerContext, target: Target, request: ApiRequest): Promise<Written> {
  checkPatchOptions(request);
  const stored = target.table.get(target.namespace, target.name!);
  if (!stored && mayCreate(target, request))
    return { object: await createObject(context, target, request), created: true };
  for (let attempt = 1; ; attempt += 1) {
    const current = existing(target);
    const next = await nextState(context, target, request, current);
    const untouched = target.table.get(target.namespace, target.name!) === current;
    if (untouched) return { object: answer(commit(target, next, current), target), created: false };
    if (next.namesVersion || attempt === MOST_ATTEMPTS) {
      throw conflict(target.definition, target.name!, OBJECT_MODIFIED);
    }
  }
}

/** Who applies must say who he is, and only he can force. */
function checkPatchOptions({ patch, options }: ApiRequest): void {
  const kind = { group: "meta.k8s.io", kind: "PatchOptions" };
  if (patch?.type === "apply" && !options?.fieldManager) {
    const detail = "is required for apply patch";
    throw invalid(kind, "", [{ field: "fieldManager", type: "FieldValueRequired", detail }]);
  }
  if (patch && patch.type !== "apply" && options?.force !== undefined) {
    const detail = "may not be specified for non-apply patch";
    throw invalid(kind, "", [{ field: "force", type: "FieldValueForbidden", detail }]);
  }
}

/** Whoever applies a configuration wants the object to be there; a PUT creates objects of a few kinds. */
function mayCreate({ definition, subresource }: Target, { verb, patch }: ApiRequest): boolean {
  if (subresource) return false;
  return patch ? patch.type === "apply" : verb === "update" && Boolean(definition.strategy.createOnUpdate);
}

interface NextState {
  readonly object: ApiObject;
  /** The sender said which version it knows. */
  readonly namesVersion: boolean;
}

async function nextState(
  context: ServerContext,
  target: Target,
  request: ApiRequest,
  current: ApiObject,
): Promise<NextState> {
  const { definition, version } = target;
  const view = answer(current, target);
  const write = managedWrite(context, target, request);
  const body = inRequestNamespace(asApiObject(submittedState(view, write), bodyKind(target)), target);
  checkIdentity(body, current, target, request);
  const namesVersion = checkVersion(body, current, target, request);
  const decoded = target.subresource && bodyIsOtherKind(target) ? { object: body } : target.served.decode(body);
  if (!target.subresource) {
    checkUnknownFields(target, decoded.unknownFields ?? [], request.options?.fieldValidation);
  }
  const managedFields = ownersAfter(decoded.object, current, target, write);
  const attributes: AdmissionAttributes = {
    operation: "UPDATE",
    definition,
    version,
    subresource: target.subresourceName,
    namespace: target.namespace,
    name: target.name!,
    object: withMeta(admittedByServer(decoded.object, target), {
      uid: decoded.object.metadata.uid ?? current.metadata.uid,
      creationTimestamp: current.metadata.creationTimestamp,
      resourceVersion: current.metadata.resourceVersion,
      managedFields: bodyIsOtherKind(target) ? undefined : managedFields,
    }),
    oldObject: view,
    dryRun: target.dryRun,
    options: updateOptions(request),
    user: target.user,
    warn: (warning) => target.warnings.push(warning),
  };
  const admitted = (await context.admission.mutate(attributes))!;
  const object = judged(context, target, { admitted, managedFields }, current);
  await context.admission.validate({ ...attributes, object: target.subresource ? admitted : object });
  return { object, namesVersion };
}

function admittedByServer(object: ApiObject, { definition, subresource }: Target): ApiObject {
  return (subresource ? undefined : definition.strategy.admitUpdate?.(object)) ?? object;
}

/** What the sender wants the object, or its view, to be. */
function submittedState(view: ApiObject, write: ManagedWrite): unknown {
  const { patch, body } = write.request;
  if (!patch) return body;
  return patch.type === "apply" ? applied(view, patch.configuration, write) : applyPatch(patch, view, write);
}

/** Whose the fields are after this write. What admission changes belongs to nobody. */
function ownersAfter(
  body: ApiObject,
  current: ApiObject,
  { definition, version, subresource }: Target,
  write: ManagedWrite,
): readonly unknown[] | undefined {
  if (write.request.patch?.type === "apply") return body.metadata.managedFields;
  const old = inVersion(current, definition, version);
  if (subresource?.type === "view") return withOwners(subresource.write(body, old), old, write).metadata.managedFields;
  const next = definition.versions[version]?.subresources.status
    ? withoutUndefined({ ...body, status: old.status })
    : body;
  return withOwners(next, old, write).metadata.managedFields;
}

interface Admitted {
  readonly admitted: ApiObject;
  readonly managedFields: readonly unknown[] | undefined;
}

/** The server's own fields and the rules of the kind; Invalid when the kind does not allow the change. */
function judged(
  context: ServerContext,
  target: Target,
  { admitted, managedFields }: Admitted,
  current: ApiObject,
): ApiObject {
  const { definition, subresource, version } = target;
  const { strategy } = definition;
  const old = inVersion(current, definition, version);
  if (subresource?.type === "view") {
    const problems = subresource.validate?.(admitted, old) ?? [];
    if (problems.length > 0) throw invalid(subresource.kind ?? definition, target.name!, problems);
    const written = withMeta(withKeptFields(subresource.write(admitted, old), old), { managedFields });
    const problemsOfMeta = bodyIsOtherKind(target) ? metaErrors(written) : metaUpdateErrors(written, old);
    if (problemsOfMeta.length > 0) throw invalid(definition, target.name!, problemsOfMeta);
    return subresource.changesGeneration ? withGeneration(written, old, target) : written;
  }
  const kept = withMeta(withKeptFields(admitted, old), { managedFields });
  const prepared = withGeneration(
    strategy.prepareForUpdate?.(kept, old, strategyContext(context)) ?? kept,
    old,
    target,
  );
  const errors = [...metaUpdateErrors(prepared, old), ...(strategy.validateUpdate?.(prepared, old, version) ?? [])];
  if (errors.length > 0) throw invalid(definition, target.name!, errors);
  return prepared;
}

function withGeneration(object: ApiObject, old: ApiObject, { definition }: Target): ApiObject {
  const part = definition.strategy.generationOf;
  if (!part || sameJson(part(object), part(old))) return object;
  return withMeta(object, { generation: (old.metadata.generation ?? 0) + 1 });
}

/** An update without effect stores nothing; one that takes the last finalizer off a deleted object ends it. */
function commit(target: Target, { object }: NextState, current: ApiObject): ApiObject {
  const next = inStorageVersion(object, target.definition);
  if (isGone(next, target)) {
    if (!target.dryRun) target.table.remove(current);
    return next;
  }
  if (target.dryRun) return next;
  return sameJson(next, current) ? current : target.table.put(next);
}

export function isGone(object: ApiObject, { definition }: Target): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (!deletionTimestamp || (finalizers ?? []).length > 0 || (deletionGracePeriodSeconds ?? 0) > 0) return false;
  return !definition.strategy.isKept?.(object);
}

function answer(object: ApiObject, { definition, version, subresource }: Target): ApiObject {
  const view = inVersion(object, definition, version);
  return subresource?.type === "view" ? subresource.read(view) : view;
}

function bodyKind(target: Target): { apiVersion: string; kind: string } {
  const { subresource, definition } = target;
  const kind = subresource?.type === "view" ? subresource.kind : undefined;
  if (!kind) return { apiVersion: apiVersionOf(target), kind: definition.kind };
  return { apiVersion: kind.group === "" ? kind.version : `${kind.group}/${kind.version}`, kind: kind.kind };
}

function bodyIsOtherKind({ subresource }: Target): boolean {
  return subresource?.type === "view" && subresource.kind !== undefined;
}

function checkIdentity(body: ApiObject, current: ApiObject, { name, definition }: Target, { patch }: ApiRequest): void {
  const named = body.metadata.name ?? "";
  if (named === "") {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (named !== name) {
    throw badRequest(`the name of the object (${named}) does not match the name on the URL (${name})`);
  }
  const { uid } = body.metadata;
  if (!patch && uid !== undefined && uid !== current.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`;
    throw conflict(definition, name!, why);
  }
}

/** @returns whether the sender names the version it knows; a conflict when that is not the stored one */
function checkVersion(body: ApiObject, current: ApiObject, target: Target, request: ApiRequest): boolean {
  const named = body.metadata.resourceVersion ?? "";
  if (named === "" || named === "0") {
    if (request.patch || target.definition.strategy.unconditionalUpdate || bodyIsOtherKind(target)) return false;
    const { group, plural } = target.definition;
    throw invalid({ group, kind: plural }, target.name!, [
      {
        field: "metadata.resourceVersion",
        type: "FieldValueInvalid",
        value: 0,
        detail: "must be specified for an update",
      },
    ]);
  }
  if (named !== current.metadata.resourceVersion) throw conflict(target.definition, target.name!, OBJECT_MODIFIED);
  return !request.patch || patchNamesVersion(request);
}

function patchNamesVersion({ patch }: ApiRequest): boolean {
  if (patch?.type === "json") {
    return patch.operations.some(({ op, path }) => op !== "test" && path === "/metadata/resourceVersion");
  }
  const meta = patch?.type === "apply" ? patch.configuration.metadata : patch?.patch.metadata;
  return typeof meta === "object" && meta !== null && "resourceVersion" in meta;
}

function updateOptions({ options, verb }: ApiRequest): Record<string, unknown> {
  return requestOptions(verb === "patch" ? "PatchOptions" : "UpdateOptions", {
    dryRun: options?.dryRun ? ["All"] : undefined,
    fieldManager: options?.fieldManager,
    fieldValidation: options?.fieldValidation,
  });
}
