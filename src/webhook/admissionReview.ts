import type { InjectionOutcome } from "../core/injection/injection.ts";
import { type JsonPatch, jsonPatchText } from "../core/kube/jsonPatch.ts";
import { isJsonObject, type JsonObject, type Status } from "../core/kube/object.ts";
import { err, ok, type Result } from "../core/result.ts";

/** What the API server asks: may this object be stored, and as it is? */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: string;
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly subResource: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  /** Empty while a generated name is not decided. */
  readonly name: string;
  /** Undefined for DELETE. */
  readonly object: JsonObject | undefined;
  /** Undefined for CREATE. */
  readonly oldObject: JsonObject | undefined;
  readonly dryRun: boolean;
}

/** What we answer. Warnings are shown to the person behind the request; outcomes and the reason's code are for the metrics. */
export type AdmissionAnswer =
  | {
      readonly allowed: true;
      readonly patch: JsonPatch;
      readonly warnings: readonly string[];
      /** Of the SidecarSets; absent where it was not about injecting. */
      readonly outcomes?: readonly InjectionOutcome[];
    }
  | { readonly allowed: false; readonly status: Status; readonly reason?: string };

export const UNCHANGED: AdmissionAnswer = { allowed: true, patch: [], warnings: [] };

export function failure(status: Omit<Status, "apiVersion" | "kind" | "metadata" | "status">): Status {
  return { apiVersion: "v1", kind: "Status", metadata: {}, status: "Failure", ...status };
}

const API_VERSION = "admission.k8s.io/v1";

/** @returns the request, or what is wrong with the text */
export function parseAdmissionReview(text: string): Result<AdmissionRequest, string> {
  return readAdmissionReview(parseJson(text));
}

export function readAdmissionReview(review: unknown): Result<AdmissionRequest, string> {
  if (!isJsonObject(review)) return err("the body is no JSON object; an AdmissionReview is expected");
  if (review.kind !== "AdmissionReview" || review.apiVersion !== API_VERSION) {
    return err(
      `an AdmissionReview of ${API_VERSION} is expected, this is ${nameOf(review.kind)} of ${nameOf(review.apiVersion)}`,
    );
  }
  const { request } = review;
  if (!isJsonObject(request)) return err("the AdmissionReview has no request");
  const { uid, operation, resource } = request;
  if (typeof uid !== "string" || uid === "") return err("request.uid is missing");
  if (typeof operation !== "string") return err("request.operation is missing");
  if (!isJsonObject(resource)) return err("request.resource is missing");
  return ok({
    uid,
    operation,
    resource: { group: textOf(resource.group), version: textOf(resource.version), resource: textOf(resource.resource) },
    subResource: textOf(request.subResource),
    namespace: textOf(request.namespace),
    name: textOf(request.name),
    object: isJsonObject(request.object) ? request.object : undefined,
    oldObject: isJsonObject(request.oldObject) ? request.oldObject : undefined,
    dryRun: request.dryRun === true,
  });
}

/** The review that carries the answer back. */
export function admissionReviewOf(uid: string, answer: AdmissionAnswer): object {
  return { apiVersion: API_VERSION, kind: "AdmissionReview", response: { uid, ...responseOf(answer) } };
}

/** The same as JSON text. A patch in base64 has nothing to escape, and most of the time would go into looking for it. */
export function admissionReviewText(uid: string, answer: AdmissionAnswer): string {
  if (!answer.allowed || answer.patch.length === 0) return JSON.stringify(admissionReviewOf(uid, answer));
  const warnings = answer.warnings.length > 0 ? `,"warnings":${JSON.stringify(answer.warnings)}` : "";
  const response = `"uid":${JSON.stringify(uid)},"allowed":true,"patchType":"JSONPatch","patch":"${base64Of(answer.patch)}"`;
  return `{"apiVersion":"${API_VERSION}","kind":"AdmissionReview","response":{${response}${warnings}}}`;
}

/** ASCII, as nearly always, can be copied as it is; for UTF-8 every character would be looked at. */
function base64Of(patch: JsonPatch): string {
  const text = jsonPatchText(patch);
  return Buffer.from(text, Buffer.byteLength(text) === text.length ? "latin1" : "utf8").toString("base64");
}

function responseOf(answer: AdmissionAnswer): object {
  if (!answer.allowed) return { allowed: false, status: answer.status };
  return {
    allowed: true,
    ...(answer.patch.length > 0 && {
      patchType: "JSONPatch",
      patch: base64Of(answer.patch),
    }),
    ...(answer.warnings.length > 0 && { warnings: answer.warnings }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function nameOf(value: unknown): string {
  return typeof value === "string" ? value : typeof value;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
