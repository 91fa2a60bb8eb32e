import { ClusterError } from "../cluster/clusterError.ts";
import { fieldErrorText } from "../core/kube/fieldErrorText.ts";
import type { Status } from "../core/kube/object.ts";
import type { FieldError } from "../core/result.ts";

/** Which resource a refusal is about: group and plural, as in `deployments.apps`. */
export interface GroupResource {
  readonly group: string;
  readonly plural: string;
}

export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

export function failure(
  code: number,
  reason: string,
  message: string,
  details?: NonNullable<Status["details"]>,
): ClusterError {
  const status: Status = {
    apiVersion: "v1",
    kind: "Status",
    metadata: {},
    status: "Failure",
    message,
    ...(reason === "" ? {} : { reason }),
    ...(details ? { details } : {}),
    code,
  };
  return ClusterError.fromStatus(status);
}

export function notFound(resource: GroupResource, name: string): ClusterError {
  return failure(404, "NotFound", `${qualified(resource)} ${quote(name)} not found`, detailsOf(resource, name));
}

/** The path itself means nothing to this server. */
export function unknownPath(): ClusterError {
  return failure(404, "NotFound", "the server could not find the requested resource", {});
}

export function alreadyExists(resource: GroupResource, name: string, generated = false): ClusterError {
  const message = `${qualified(resource)} ${quote(name)} already exists`;
  return generated
    ? failure(409, "AlreadyExists", `${message}, the server was not able to generate a unique name for the object`, {
        ...detailsOf(resource, name),
        retryAfterSeconds: 1,
      })
    : failure(409, "AlreadyExists", message, detailsOf(resource, name));
}

export function conflict(resource: GroupResource, name: string, why: string): ClusterError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} ${quote(name)}: ${why}`;
  return failure(409, "Conflict", message, detailsOf(resource, name));
}

export const OBJECT_MODIFIED =
  "the object has been modified; please apply your changes to the latest version and try again";

export function forbidden(
  resource: GroupResource,
  name: string,
  why: string,
  causes?: NonNullable<Status["details"]>["causes"],
): ClusterError {
  const subject = name === "" ? qualified(resource) : `${qualified(resource)} ${quote(name)}`;
  return failure(403, "Forbidden", `${subject} is forbidden: ${why}`, {
    ...detailsOf(resource, name),
    ...(causes ? { causes } : {}),
  });
}

export function badRequest(message: string): ClusterError {
  return failure(400, "BadRequest", message);
}

export function invalid(kind: GroupKind, name: string, errors: readonly FieldError[]): ClusterError {
  const bodies = errors.map((error) => ({ ...error, body: fieldErrorText(error) }));
  const lines = [...new Set(bodies.map(({ field, body }) => `${field}: ${body}`))];
  const text = lines.length === 1 ? lines[0]! : `[${lines.join(", ")}]`;
  const subject = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  return failure(422, "Invalid", `${subject} ${quote(name)} is invalid${errors.length > 0 ? `: ${text}` : ""}`, {
    ...(name === "" ? {} : { name }),
    ...(kind.group === "" ? {} : { group: kind.group }),
    kind: kind.kind,
    causes: bodies.map(({ type, field, body }) => ({ reason: type, message: body, field })),
  });
}

export function expired(message: string): ClusterError {
  return failure(410, "Expired", message);
}

export function methodNotAllowed(): ClusterError {
  return failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}

export function unsupportedMediaType(message: string): ClusterError {
  return failure(415, "UnsupportedMediaType", message);
}

export function internalError(message: string): ClusterError {
  return failure(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** A part of Kubernetes that this server does not have, said by name. */
export function notImplemented(what: string): ClusterError {
  return failure(501, "NotImplemented", `the embedded API server does not implement ${what}`);
}

export function success(details: NonNullable<Status["details"]>): Status {
  return { apiVersion: "v1", kind: "Status", metadata: {}, status: "Success", details };
}

function detailsOf(resource: GroupResource, name: string): NonNullable<Status["details"]> {
  return {
    ...(name === "" ? {} : { name }),
    ...(resource.group === "" ? {} : { group: resource.group }),
    kind: resource.plural,
  };
}

function qualified(resource: GroupResource): string {
  return resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
