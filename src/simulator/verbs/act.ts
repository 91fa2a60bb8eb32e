import type { Status } from "../../core/kube/object.ts";
import { type ApiObject, isRecord, withMeta } from "../apiObject.ts";
import type { ApiRequest } from "../apiRequest.ts";
import { badRequest, conflict, failure } from "../apiStatus.ts";
import { asApiObject } from "../objectMeta.ts";
import type { ActionSubresource, Preconditions } from "../resourceDefinition.ts";
import type { ServerContext } from "../serverContext.ts";
import { strategyContext } from "./create.ts";
import { deleteObject } from "./delete.ts";
import { existing, inStorageVersion, type Target } from "./target.ts";

/** POST to a subresource that does something to its object: binding, eviction. */
export async function actOnObject(
  context: ServerContext,
  target: Target,
  action: ActionSubresource,
  request: ApiRequest,
): Promise<ApiObject | Status> {
  const { group, version, kind } = action.kind;
  const body = asApiObject(request.body, { apiVersion: group === "" ? version : `${group}/${version}`, kind });
  const named = body.metadata.name ?? "";
  if (named !== "" && named !== target.name) {
    throw badRequest(`name in URL does not match name in ${kind} object: "${target.name}" and "${named}"`);
  }
  await context.admission.validate({
    operation: "CREATE",
    definition: target.definition,
    version: target.version,
    subresource: target.subresourceName,
    namespace: target.namespace,
    name: target.name!,
    object: body,
    oldObject: undefined,
    dryRun: target.dryRun,
    options: {},
    user: target.user,
    warn: (warning) => target.warnings.push(warning),
  });
  const current = existing(target);
  const effect = action.act(body, current, strategyContext(context));
  if (effect.do === "delete") {
    await deleteObject(context, target, { ...request, options: { ...request.options, ...effect.options } });
  } else {
    checkBodyPreconditions(body, current, target);
    if (!target.dryRun) target.table.put(inStorageVersion(withMeta(effect.object, {}), target.definition));
  }
  return SUCCESS;
}

const SUCCESS: Status = { apiVersion: "v1", kind: "Status", metadata: {}, status: "Success", code: 201 };

function checkBodyPreconditions(body: ApiObject, current: ApiObject, { definition, name }: Target): void {
  const { uid, resourceVersion } = body.metadata;
  if (uid !== undefined && uid !== current.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`;
    throw conflict(definition, name!, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion) {
    const why = `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${current.metadata.resourceVersion}`;
    throw conflict(definition, name!, why);
  }
}

/** The `deleteOptions` of an eviction, typed. */
export function readDeleteOptions(value: unknown): {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: Preconditions;
  readonly propagationPolicy?: string;
  readonly dryRun?: boolean;
} {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw badRequest("DeleteOptions is no JSON object");
  const { gracePeriodSeconds, preconditions, propagationPolicy, orphanDependents, dryRun } = value;
  if (dryRun !== undefined && JSON.stringify(dryRun) !== "[]" && JSON.stringify(dryRun) !== '["All"]') {
    throw failure(
      422,
      "Invalid",
      `DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`,
    );
  }
  const orphan = typeof orphanDependents === "boolean" ? (orphanDependents ? "Orphan" : "Background") : undefined;
  const policy = typeof propagationPolicy === "string" ? propagationPolicy : orphan;
  return {
    ...(typeof gracePeriodSeconds === "number" ? { gracePeriodSeconds } : {}),
    ...(isRecord(preconditions) ? { preconditions: preconditions as Preconditions } : {}),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
    ...(Array.isArray(dryRun) && dryRun.length > 0 ? { dryRun: true } : {}),
  };
}
