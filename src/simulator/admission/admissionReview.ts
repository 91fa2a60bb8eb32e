import type { JsonPatch } from "../../core/kube/jsonPatch.ts";
import type { Status } from "../../core/kube/object.ts";
import { type ApiObject, isRecord, withoutUndefined } from "../apiObject.ts";
import { inVersion } from "../verbs/target.ts";
import type { AdmissionAttributes } from "./admission.ts";

/** admission.k8s.io/v1 AdmissionReview as it is sent. */
export interface AdmissionReview {
  readonly apiVersion: "admission.k8s.io/v1";
  readonly kind: "AdmissionReview";
  readonly request: Readonly<Record<string, unknown>> & { readonly uid: string };
}

export interface ReviewAnswer {
  readonly allowed: boolean;
  readonly status: Partial<Status> | undefined;
  readonly patch: JsonPatch;
  readonly warnings: readonly string[];
}

/** @param version in which the webhook wants to see the object */
export function reviewOf(attributes: AdmissionAttributes, version: string, uid: string): AdmissionReview {
  const { definition, subresource, namespace, name, operation, object, oldObject, dryRun, user } = attributes;
  const shown = (value: ApiObject | undefined): ApiObject | null => {
    if (value === undefined) return null;
    return isOwnKind(value, attributes) ? inVersion(value, definition, version) : value;
  };
  const requested = kindOf(object ?? oldObject!, attributes, attributes.version);
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: withoutUndefined({
      uid,
      kind: kindOf(object ?? oldObject!, attributes, version),
      resource: { group: definition.group, version, resource: definition.plural },
      subResource: subresource === "" ? undefined : subresource,
      requestKind: requested,
      requestResource: { group: definition.group, version: attributes.version, resource: definition.plural },
      requestSubResource: subresource === "" ? undefined : subresource,
      name: name === "" ? undefined : name,
      namespace,
      operation,
      userInfo: { username: user.username, groups: user.groups },
      object: shown(object),
      oldObject: shown(oldObject),
      dryRun,
      options: attributes.options,
    }),
  };
}

function isOwnKind(object: ApiObject, { definition }: AdmissionAttributes): boolean {
  return object.kind === definition.kind;
}

function kindOf(object: ApiObject, attributes: AdmissionAttributes, version: string): Record<string, string> {
  if (isOwnKind(object, attributes)) return { group: attributes.definition.group, version, kind: object.kind };
  const [group, ownVersion] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : ["", object.apiVersion];
  return { group: group!, version: ownVersion!, kind: object.kind };
}

/** Reads what a webhook answered; throws an Error with the reason why it is no answer. */
export function readAnswer(body: unknown, uid: string): ReviewAnswer {
  const response = isRecord(body) ? body.response : undefined;
  if (!isRecord(body) || !isRecord(response))
    throw new Error("received invalid webhook response: webhook response was absent");
  if (body.apiVersion !== "admission.k8s.io/v1" || body.kind !== "AdmissionReview") {
    const seen = `${String(body.apiVersion ?? "")}, Kind=${String(body.kind ?? "")}`;
    throw new Error(
      `received invalid webhook response: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${seen}`,
    );
  }
  if (response.uid !== uid) {
    throw new Error(
      `received invalid webhook response: expected response.uid="${uid}", got "${String(response.uid ?? "")}"`,
    );
  }
  const warnings = Array.isArray(response.warnings) ? response.warnings.map(String) : [];
  return {
    allowed: response.allowed === true,
    status: isRecord(response.status) ? (response.status as Partial<Status>) : undefined,
    patch: readPatch(response),
    warnings,
  };
}

function readPatch({ patch, patchType }: Readonly<Record<string, unknown>>): JsonPatch {
  if (patch === undefined || patch === null || patch === "") return [];
  if (patchType !== "JSONPatch") {
    throw new Error(
      `received invalid webhook response: webhook returned response.patch but not response.patchType "JSONPatch"`,
    );
  }
  const operations: unknown = JSON.parse(Buffer.from(String(patch), "base64").toString());
  if (!Array.isArray(operations)) throw new Error("received invalid webhook response: response.patch is no list");
  return operations as JsonPatch;
}
