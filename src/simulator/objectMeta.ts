import { dnsSubdomainProblem, labelValueProblem, qualifiedNameProblem } from "../core/kube/labelSyntax.ts";
import type { FieldError } from "../core/result.ts";
import { type ApiObject, isRecord, withMeta } from "./apiObject.ts";
import { badRequest } from "./apiStatus.ts";
import { generateName, newUid, type ServerContext, timestamp } from "./serverContext.ts";

/** A body is taken as an object of the API only if it names itself as the URL does. */
export function asApiObject(
  body: unknown,
  expected: { readonly apiVersion: string; readonly kind: string },
): ApiObject {
  if (!isRecord(body)) throw badRequest("the request body is no JSON object");
  const { apiVersion = expected.apiVersion, kind = expected.kind } = body;
  if (apiVersion !== expected.apiVersion) {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${expected.apiVersion})`,
    );
  }
  if (kind !== expected.kind) {
    throw badRequest(`the kind in the data (${String(kind)}) does not match the expected kind (${expected.kind})`);
  }
  if (body.metadata !== undefined && body.metadata !== null && !isRecord(body.metadata)) {
    throw badRequest("metadata is no JSON object");
  }
  return { ...body, apiVersion, kind, metadata: cleanMeta(body.metadata ?? {}) } as ApiObject;
}

/** What the server itself decides about a new object, whatever the body says. */
export function withSystemFields(object: ApiObject, context: ServerContext): ApiObject {
  const { random, clock } = context.environment;
  const { name, generateName: base } = object.metadata;
  const generated = (name ?? "") === "" && (base ?? "") !== "";
  return withMeta(object, {
    name: generated ? generateName(base!, random) : name,
    uid: newUid(random),
    creationTimestamp: timestamp(clock.now()),
  });
}

export function withoutSystemFields(object: ApiObject): ApiObject {
  return withMeta(object, {
    uid: undefined,
    creationTimestamp: undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    generation: undefined,
    managedFields: undefined,
  });
}

/** What an update cannot change, taken over from the stored object. */
export function withKeptFields(object: ApiObject, old: ApiObject): ApiObject {
  return withMeta(object, {
    uid: object.metadata.uid ?? old.metadata.uid,
    creationTimestamp: old.metadata.creationTimestamp,
    deletionTimestamp: old.metadata.deletionTimestamp ?? object.metadata.deletionTimestamp,
    deletionGracePeriodSeconds: object.metadata.deletionGracePeriodSeconds ?? old.metadata.deletionGracePeriodSeconds,
    generation: old.metadata.generation,
    resourceVersion: old.metadata.resourceVersion,
    generateName: object.metadata.generateName,
  });
}

/** Empty lists and maps of metadata, and nulls, are as good as absent: the server never shows them. */
function cleanMeta(meta: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(meta).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}

export function metaErrors({ metadata, apiVersion }: ApiObject): FieldError[] {
  return [
    ...nameErrors(metadata.name ?? "", metadata.generateName ?? ""),
    ...mapErrors(metadata.labels, "metadata.labels", labelValueProblem),
    ...mapErrors(metadata.annotations, "metadata.annotations", () => undefined),
    ...ownerErrors(metadata.ownerReferences ?? []),
    ...(isBuiltIn(apiVersion) ? finalizerErrors(metadata.finalizers ?? []) : []),
  ];
}

export function metaUpdateErrors(object: ApiObject, old: ApiObject): FieldError[] {
  const errors: FieldError[] = [];
  if (old.metadata.deletionTimestamp) {
    const added = (object.metadata.finalizers ?? []).filter((name) => !old.metadata.finalizers?.includes(name));
    if (added.length > 0) {
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(", ")}}`;
      errors.push({ field: "metadata.finalizers", type: "FieldValueForbidden", detail });
    }
  }
  for (const field of IMMUTABLE) {
    if (object.metadata[field] === old.metadata[field]) continue;
    const value = object.metadata[field] ?? null;
    errors.push({ field: `metadata.${field}`, type: "FieldValueInvalid", value, detail: "field is immutable" });
  }
  return [...errors, ...metaErrors(object)];
}

const IMMUTABLE = ["name", "namespace", "uid", "deletionTimestamp", "deletionGracePeriodSeconds"] as const;

function nameErrors(name: string, generatedFrom: string): FieldError[] {
  if (name === "") {
    const detail = generatedFrom === "" ? "name or generateName is required" : "";
    return [{ field: "metadata.name", type: "FieldValueRequired", detail }];
  }
  return dnsSubdomainProblem(name) === undefined
    ? []
    : [{ field: "metadata.name", type: "FieldValueInvalid", value: name, detail: SUBDOMAIN_MESSAGE }];
}

const SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

function mapErrors(
  map: Readonly<Record<string, unknown>> | undefined,
  field: string,
  valueProblem: (value: string) => string | undefined,
): FieldError[] {
  return Object.entries(map ?? {}).flatMap(([key, value]): FieldError[] => {
    if (typeof value !== "string") {
      throw badRequest(
        `json: cannot unmarshal ${typeof value} into Go struct field ObjectMeta.${field} of type string`,
      );
    }
    // Annotation keys may be written in capitals; only the form counts.
    const problem = qualifiedNameProblem(field === "metadata.annotations" ? key.toLowerCase() : key);
    if (problem) return [{ field, type: "FieldValueInvalid", value: key, detail: problem }];
    const wrong = valueProblem(value);
    return wrong ? [{ field, type: "FieldValueInvalid", value, detail: wrong }] : [];
  });
}

function ownerErrors(owners: NonNullable<ApiObject["metadata"]["ownerReferences"]>): FieldError[] {
  const field = "metadata.ownerReferences";
  const errors = owners.flatMap((owner) =>
    (["apiVersion", "kind", "name", "uid"] as const)
      .filter((part) => (owner[part] ?? "") === "")
      .map(
        (part): FieldError => ({
          field: `${field}.${part}`,
          type: "FieldValueInvalid",
          value: "",
          detail: part === "apiVersion" ? "version must not be empty" : "must not be empty",
        }),
      ),
  );
  const controllers = owners.filter((owner) => owner.controller);
  if (controllers.length <= 1) return errors;
  const [first, second] = controllers;
  const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first!.kind}/${first!.name} and ${second!.kind}/${second!.name}`;
  return [...errors, { field, type: "FieldValueInvalid", value: owners, detail }];
}

const STANDARD_FINALIZERS = ["foregroundDeletion", "kubernetes", "orphan"];

/** Built-in kinds want finalizers with a domain; custom resources take any name. */
function finalizerErrors(finalizers: readonly string[]): FieldError[] {
  return finalizers.flatMap((name, index): FieldError[] => {
    if (name.includes("/") || STANDARD_FINALIZERS.includes(name)) return [];
    const detail = "name is neither a standard finalizer name nor is it fully qualified";
    return [{ field: `metadata.finalizers[${index}]`, type: "FieldValueInvalid", value: name, detail }];
  });
}

function isBuiltIn(apiVersion: string): boolean {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0]! : "";
  return !group.includes(".") || group.endsWith(".k8s.io");
}
