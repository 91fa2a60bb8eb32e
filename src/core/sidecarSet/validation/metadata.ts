import { forbidden, invalid, invalidIf, required, tooLong } from "../../kube/fieldErrors.ts";
import { labelValueProblem, qualifiedNameProblem } from "../../kube/labelSyntax.ts";
import type { FieldError } from "../../result.ts";
import type { CheckedMetadata } from "./proposal.ts";

export function metadataErrors(metadata: CheckedMetadata): FieldError[] {
  const { namespace, generation = 0, labels = {}, finalizers = [] } = metadata;
  return [
    ...nameErrors(metadata.name ?? ""),
    ...(namespace ? forbidden("metadata.namespace", "a SidecarSet belongs to no namespace") : []),
    ...(generation < 0 ? invalid("metadata.generation", generation, "must not be negative") : []),
    ...Object.entries(labels).flatMap(([key, value]) => [
      ...invalidIf(qualifiedNameProblem(key), "metadata.labels", key),
      ...invalidIf(labelValueProblem(value), "metadata.labels", value),
    ]),
    ...annotationErrors(metadata.annotations ?? {}, "metadata.annotations"),
    ...finalizers.flatMap((name) => invalidIf(qualifiedNameProblem(name), "metadata.finalizers", name)),
    ...ownerErrors(metadata.ownerReferences ?? []),
  ];
}

function nameErrors(name: string): FieldError[] {
  if (name === "") return required("metadata.name", "a SidecarSet needs a name");
  if (!/^[a-zA-Z0-9-]+$/.test(name)) return invalid("metadata.name", name, "must consist of letters, digits and '-'");
  return name.length > 63 ? invalid("metadata.name", name, "must be no more than 63 characters") : [];
}

const LARGEST_ANNOTATIONS = 256 * 1024;

/** Keys may be in upper case; all keys and values together are limited. */
export function annotationErrors(annotations: Readonly<Record<string, string>>, path: string): FieldError[] {
  const entries = Object.entries(annotations);
  const bytes = new TextEncoder();
  const size = entries.reduce((sum, [key, value]) => sum + bytes.encode(key).length + bytes.encode(value).length, 0);
  return [
    ...entries.flatMap(([key]) => invalidIf(qualifiedNameProblem(key.toLowerCase()), path, key)),
    ...(size > LARGEST_ANNOTATIONS ? tooLong(path, `all together must be at most ${LARGEST_ANNOTATIONS} bytes`) : []),
  ];
}

function ownerErrors(owners: NonNullable<CheckedMetadata["ownerReferences"]>): FieldError[] {
  const path = "metadata.ownerReferences";
  const incomplete = owners.flatMap((owner, index) =>
    (["apiVersion", "kind", "name", "uid"] as const)
      .filter((field) => !owner[field])
      .flatMap((field) => invalid(`${path}[${index}].${field}`, "", "must not be empty")),
  );
  const controllers = owners.filter(({ controller }) => controller).length;
  return [
    ...incomplete,
    ...(controllers > 1 ? invalid(path, controllers, "only one owner may be the controller") : []),
  ];
}
