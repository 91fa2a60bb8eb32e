import type { FieldError } from "../../core/result.ts";
import { type ApiObject, withoutUndefined } from "../apiObject.ts";
import type { ViewSubresource } from "../resourceDefinition.ts";

interface StatusSettings {
  /** Built-in kinds let a status update change labels, annotations and finalizers; custom resources do not. */
  readonly metadataToo: boolean;
  readonly validate?: (body: ApiObject, object: ApiObject) => readonly FieldError[];
  /** What the kind keeps whatever the body says. */
  readonly finish?: (object: ApiObject, old: ApiObject) => ApiObject;
}

/** `status`: the only way to write status, and nothing else is written by it. */
export function statusOf({ metadataToo, validate, finish }: StatusSettings): ViewSubresource {
  return {
    type: "view",
    verbs: ["get", "patch", "update"],
    read: (object) => object,
    write: (body, object) => {
      const metadata = metadataToo
        ? withoutUndefined({ ...body.metadata, ownerReferences: object.metadata.ownerReferences })
        : object.metadata;
      const written = withoutUndefined({ ...object, metadata, status: body.status }) as ApiObject;
      return finish?.(written, object) ?? written;
    },
    ...(validate ? { validate } : {}),
    changesGeneration: false,
  };
}
