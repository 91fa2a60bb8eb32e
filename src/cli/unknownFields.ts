import type { JsonObject } from "../core/kube/object.ts";
import { unknownFields } from "../core/kube/unknownFields.ts";
import { EITHER_VERSION } from "../core/sidecarSet/sidecarSetShape.ts";
import { type LocatedObject, placed } from "./manifests.ts";

interface UnknownFieldFinding {
  readonly field: string;
  readonly message: string;
}

/** Fields of a SidecarSet that mean nothing: usually a slip of the pen, which an API server drops or keeps without a word. */
export function unknownFieldFindings(sidecarSet: JsonObject): UnknownFieldFinding[] {
  return unknownFields(sidecarSet, EITHER_VERSION).map(({ field, meant }) => {
    const advice = meant === undefined ? "check the spelling and the indentation" : `did you mean ${meant}?`;
    return { field, message: `not a field of ${ownerOf(field, sidecarSet)}: ${advice}` };
  });
}

/** The same as lines for people, each with its place. */
export function unknownFieldRemarks({ object, source, position }: LocatedObject): string[] {
  return unknownFieldFindings(object).map(
    ({ field, message }) => `${placed({ source, position: position(field) })}: ${field}: ${message}`,
  );
}

/** The definition leaves containers and volumes open; newer versions of Kubernetes may have fields that ours does not know. */
function ownerOf(field: string, { apiVersion }: JsonObject): string {
  if (/^spec\.(containers|initContainers)\[/.test(field)) return "a container, as of Kubernetes 1.32";
  if (field.startsWith("spec.volumes[")) return "a volume, as of Kubernetes 1.32";
  return `${apiVersion}`;
}
