import { failure } from "../apiStatus.ts";

/** How the client wants its answer: the object, a table made by the server, or metadata alone. */
export type AcceptedForm = "object" | "protobuf" | "table" | "metadata" | "aggregatedDiscovery";

export const PROTOBUF = "application/vnd.kubernetes.protobuf";

const FORMS: Readonly<Record<string, AcceptedForm>> = {
  "Table;meta.k8s.io;v1": "table",
  "Table;meta.k8s.io;v1beta1": "table",
  "PartialObjectMetadata;meta.k8s.io;v1": "metadata",
  "PartialObjectMetadataList;meta.k8s.io;v1": "metadata",
  "APIGroupDiscoveryList;apidiscovery.k8s.io;v2": "aggregatedDiscovery",
};
const JSON_TYPES = ["application/json", "application/*", "*/*"];

/**
 * The first form of the Accept header that this server has; NotAcceptable when there is none (protobuf alone, of what it is not
 * written for).
 */
export function acceptedForm(accept: string | undefined, written: { readonly protobuf: boolean }): AcceptedForm {
  for (const range of (accept ?? "*/*").split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    if (written.protobuf && type === PROTOBUF && !parameters.some((parameter) => parameter.startsWith("as=")))
      return "protobuf";
    if (!JSON_TYPES.includes(type)) continue;
    const values = new Map(parameters.map((parameter) => parameter.split("=", 2) as [string, string]));
    const as = values.get("as");
    if (as === undefined) return "object";
    const form = FORMS[`${as};${values.get("g")};${values.get("v")}`];
    if (form) return form;
  }
  throw failure(406, "NotAcceptable", "only the following media types are accepted: application/json");
}

/** Whether a refusal is told as protobuf, whatever it is about. */
export function prefersProtobuf(accept: string | undefined): boolean {
  return accept?.split(/[,;]/)[0]?.trim() === PROTOBUF;
}
