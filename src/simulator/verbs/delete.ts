import type { Status } from "../../core/kube/object.ts";
import type { AdmissionAttributes } from "../admission/admission.ts";
import { type ApiObject, sameJson, withMeta } from "../apiObject.ts";
import type { ApiList, ApiRequest, RequestOptions } from "../apiRequest.ts";
import { conflict, invalid, notFound, success } from "../apiStatus.ts";
import { type ServerContext, timestamp } from "../serverContext.ts";
import { listObjects } from "./read.ts";
import { existing, inStorageVersion, inVersion, requestOptions, type Target } from "./target.ts";
import { isGone } from "./update.ts";

/**
 * DELETE. An object with finalizers or a grace period is only marked; whoever takes off the last finalizer, or deletes again with
 * grace 0, ends it.
 */
export async function deleteObject(
  context: ServerContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiObject | Status> {
  const options = request.options ?? {};
  checkPropagation(options);
  const current = existing(target);
  checkPreconditions(current, target, options);
  await admitDeletion(context, target, current, options);
  const settled = existing(target);
  checkPreconditions(settled, target, options);
  return remove(context, target, settled, options);
}

export async function deleteCollection(context: ServerContext, target: Target, request: ApiRequest): Promise<ApiList> {
  const list = listObjects(context, target, request);
  for (const { metadata } of list.items) {
    const one: Target = { ...target, namespace: metadata.namespace, name: metadata.name };
    if (target.table.get(metadata.namespace, metadata.name!)) await deleteObject(context, one, request);
  }
  return list;
}

/** The deletion itself, after admission. */
function remove(
  context: ServerContext,
  target: Target,
  current: ApiObject,
  options: RequestOptions,
): ApiObject | Status {
  const grace = target.definition.strategy.gracePeriodOf?.(current, options.gracePeriodSeconds);
  const pending = grace !== undefined && isPending(current, options.gracePeriodSeconds);
  if (pending) return answer(current, target, false);
  const next = mark(current, context.environment.clock.now(), target, options, grace);
  const gone = !next.metadata.deletionTimestamp || isGone(next, target);
  const changed = !sameJson(next, current);
  if (target.dryRun) return answer(next, target, gone);
  if (!gone)
    return answer(changed ? target.table.put(inStorageVersion(next, target.definition)) : current, target, false);
  // A kind with a grace period shows the deletion before the end, also when that follows at once.
  const last = grace !== undefined && changed ? target.table.put(next) : current;
  return answer(target.table.remove(last), target, true);
}

/** A graceful deletion that is under way may only be shortened. */
function isPending({ metadata }: ApiObject, requested: number | undefined): boolean {
  if (!metadata.deletionTimestamp || (metadata.deletionGracePeriodSeconds ?? 0) === 0) return false;
  return requested === undefined || requested >= metadata.deletionGracePeriodSeconds!;
}

function mark(
  current: ApiObject,
  now: number,
  target: Target,
  options: RequestOptions,
  grace: number | undefined,
): ApiObject {
  const finalizers = finalizersAfter(current, target, options);
  const object = withMeta(current, { finalizers: finalizers.length > 0 ? finalizers : undefined });
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
  if (deletionTimestamp && grace === undefined) return object;
  if (deletionTimestamp && deletionGracePeriodSeconds === 0) return object;
  if (deletionTimestamp) {
    const begun = Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
    const end = begun + grace! * 1000;
    return end < now
      ? withDeletion(object, timestamp(now), grace === 0 ? 0 : 1)
      : withDeletion(object, timestamp(end), grace!);
  }
  const { isKept, markDeleted } = target.definition.strategy;
  if (grace === undefined && finalizers.length === 0 && !isKept?.(object)) return object;
  const { generation } = object.metadata;
  const bumped = generation === undefined ? object : withMeta(object, { generation: generation + 1 });
  const marked = withDeletion(bumped, timestamp(now + (grace ?? 0) * 1000), grace ?? 0);
  return markDeleted?.(marked) ?? marked;
}

function withDeletion(object: ApiObject, deletionTimestamp: string, grace: number): ApiObject {
  return withMeta(object, { deletionTimestamp, deletionGracePeriodSeconds: grace });
}

const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";

function finalizersAfter({ metadata }: ApiObject, { definition }: Target, options: RequestOptions): readonly string[] {
  const before = metadata.finalizers ?? [];
  const own = before.filter((name) => name !== ORPHAN && name !== FOREGROUND);
  switch (options.propagationPolicy) {
    case "Orphan":
      return [...own, ORPHAN];
    case "Foreground":
      return [...own, FOREGROUND];
    case "Background":
      return own;
    default:
      return before.length === own.length && definition.strategy.orphansByDefault ? [...own, ORPHAN] : before;
  }
}

function answer(object: ApiObject, { definition, version }: Target, deleted: boolean): ApiObject | Status {
  if (!deleted || definition.strategy.returnsDeleted) return inVersion(object, definition, version);
  const { name, uid } = object.metadata;
  const group = definition.group === "" ? {} : { group: definition.group };
  return success({ name: name!, ...group, kind: definition.plural, uid: uid! });
}

function checkPreconditions(current: ApiObject, { definition, name }: Target, { preconditions }: RequestOptions): void {
  const { uid, resourceVersion } = current.metadata;
  const about = { group: definition.group, plural: definition.kind };
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(about, name!, why);
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw conflict(about, name!, why);
  }
}

function checkPropagation({ propagationPolicy: policy }: RequestOptions): void {
  if (policy === undefined || ["Orphan", "Foreground", "Background"].includes(policy)) return;
  throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", [
    {
      field: "propagationPolicy",
      type: "FieldValueNotSupported",
      value: policy,
      detail: 'supported values: "Foreground", "Background", "Orphan", "nil"',
    },
  ]);
}

async function admitDeletion(
  context: ServerContext,
  target: Target,
  current: ApiObject,
  options: RequestOptions,
): Promise<void> {
  const attributes: AdmissionAttributes = {
    operation: "DELETE",
    definition: target.definition,
    version: target.version,
    subresource: "",
    namespace: target.namespace,
    name: target.name!,
    object: undefined,
    oldObject: inVersion(current, target.definition, target.version),
    dryRun: target.dryRun,
    options: requestOptions("DeleteOptions", {
      gracePeriodSeconds: options.gracePeriodSeconds,
      preconditions: options.preconditions,
      propagationPolicy: options.propagationPolicy,
      dryRun: options.dryRun ? ["All"] : undefined,
    }),
    user: target.user,
    warn: (warning) => target.warnings.push(warning),
  };
  target.definition.strategy.admitDelete?.(current);
  await context.admission.mutate(attributes);
  await context.admission.validate(attributes);
  if (!target.table.get(target.namespace, target.name!)) throw notFound(target.definition, target.name!);
}
