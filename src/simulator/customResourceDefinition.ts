import type { KubeObject } from "../core/kube/object.ts";
import type { FieldError } from "../core/result.ts";
import { err, ok, type Result } from "../core/result.ts";
import { type ApiObject, fieldAt, isRecord } from "./apiObject.ts";
import { type ScalePlaces, scaleOf } from "./builtin/scaleSubresource.ts";
import { type PrinterColumn, printerColumns } from "./customResourceColumns.ts";
import { applyDefaults } from "./customResourceDefaults.ts";
import { pruneUnknownFields } from "./customResourcePruning.ts";
import type { StructuralSchema } from "./customResourceSchema.ts";
import { schemaErrors } from "./customResourceValidation.ts";
import {
  ALL_VERBS,
  type Decoded,
  type ResourceDefinition,
  type ServedVersion,
  type Strategy,
  type Subresource,
  type ViewSubresource,
} from "./resourceDefinition.ts";
import { compareVersions } from "./versionOrder.ts";

/** apiextensions.k8s.io/v1, as much of it as this server acts on. */
export interface CustomResourceDefinition extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly scope: "Cluster" | "Namespaced";
    readonly names: CustomResourceNames;
    readonly versions: readonly CustomResourceVersion[];
    readonly conversion?: { readonly strategy?: string };
    readonly preserveUnknownFields?: boolean;
  };
}

interface CustomResourceNames {
  readonly plural: string;
  readonly kind: string;
  readonly singular?: string;
  readonly listKind?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

interface CustomResourceVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly schema?: { readonly openAPIV3Schema?: StructuralSchema };
  readonly subresources?: { readonly status?: Readonly<Record<string, never>>; readonly scale?: ScalePaths };
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
}

/** `.spec.replicas`: simple paths, below spec and status. */
interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

/**
 * The kind that a CustomResourceDefinition declares, as the API server serves it.
 * @returns what has to be mended in the definition, when it cannot be served as it is meant
 */
export function customResource(definition: CustomResourceDefinition): Result<ResourceDefinition, FieldError[]> {
  const errors = definitionErrors(definition);
  if (errors.length > 0) return err(errors);
  const { group, names, scope, versions } = definition.spec;
  const served: Record<string, ServedVersion> = {};
  for (const [index, version] of versions.entries()) {
    if (!version.served) continue;
    const built = servedVersion(definition, version, `spec.versions[${index}]`);
    if (!built.ok) return built;
    served[version.name] = built.value;
  }
  return ok({
    group,
    kind: names.kind,
    listKind: listKindOf(names),
    plural: names.plural,
    singular: singularOf(names),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === "Namespaced",
    verbs: ALL_VERBS,
    storageVersion: versions.find(({ storage }) => storage)!.name,
    versions: Object.fromEntries(Object.entries(served).sort(([a], [b]) => compareVersions(a, b))),
    strategy: strategyOf(versions),
    strategicMerge: false,
  });
}

/** What the API server writes into the definition's status once the kind is served. */
export function establishedStatus(definition: CustomResourceDefinition, now: string): Record<string, unknown> {
  const { names, versions } = definition.spec;
  return {
    acceptedNames: { ...names, listKind: listKindOf(names), singular: singularOf(names) },
    conditions: [
      condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
      condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now),
    ],
    storedVersions: versions.filter(({ storage }) => storage).map(({ name }) => name),
  };
}

function condition(type: string, reason: string, message: string, lastTransitionTime: string): Record<string, string> {
  return { type, status: "True", reason, message, lastTransitionTime };
}

/** The fields Kubernetes fills in when a definition is created without them. */
export function withDefinitionDefaults(definition: CustomResourceDefinition): CustomResourceDefinition {
  const { spec } = definition;
  return {
    ...definition,
    spec: {
      ...spec,
      names: { ...spec.names, singular: singularOf(spec.names), listKind: listKindOf(spec.names) },
      conversion: spec.conversion ?? { strategy: "None" },
    },
  };
}

function singularOf(names: CustomResourceNames): string {
  return names.singular ?? names.kind.toLowerCase();
}

function listKindOf(names: CustomResourceNames): string {
  return names.listKind ?? `${names.kind}List`;
}

function definitionErrors(definition: CustomResourceDefinition): FieldError[] {
  const { spec } = definition;
  if (!isRecord(spec?.names) || !Array.isArray(spec.versions))
    return [{ field: "spec", type: "FieldValueRequired", detail: "group, names, scope and versions are needed" }];
  const errors: FieldError[] = [];
  const expected = `${spec.names.plural}.${spec.group}`;
  const { name } = definition.metadata;
  if (name !== expected)
    errors.push({
      field: "metadata.name",
      type: "FieldValueInvalid",
      detail: 'must be spec.names.plural+"."+spec.group',
      value: name,
    });
  if (spec.versions.filter(({ storage }) => storage).length !== 1) {
    const detail = "must have exactly one version marked as storage version";
    errors.push({
      field: "spec.versions",
      type: "FieldValueInvalid",
      detail,
      value: spec.versions.map((version) => version.name),
    });
  }
  spec.versions.forEach((version, index) => {
    if (version.schema?.openAPIV3Schema?.type !== "object")
      errors.push({
        field: `spec.versions[${index}].schema.openAPIV3Schema`,
        type: "FieldValueRequired",
        detail: "schemas are required",
      });
  });
  if (spec.conversion?.strategy === "Webhook") {
    const detail = "the embedded API server does not call conversion webhooks: use None";
    errors.push({ field: "spec.conversion.strategy", type: "FieldValueForbidden", detail });
  }
  return errors;
}

function servedVersion(
  definition: CustomResourceDefinition,
  version: CustomResourceVersion,
  path: string,
): Result<ServedVersion, FieldError[]> {
  const columns = printerColumns(version.additionalPrinterColumns, `${path}.additionalPrinterColumns`);
  if (!columns.ok) return columns;
  const { group, names } = definition.spec;
  const warning = version.deprecationWarning ?? `${group}/${version.name} ${names.kind} is deprecated`;
  const { status, scale } = version.subresources ?? {};
  const subresources: Readonly<Record<string, Subresource>> = {
    ...(status ? { status: statusSubresource(version) } : {}),
    ...(scale ? { scale: scaleOf(scalePlaces(scale)) } : {}),
  };
  return ok({
    ...(version.deprecated ? { deprecationWarning: warning } : {}),
    decode: (object) => decode(object, schemaOf(version)),
    columns: columns.value,
    schema: schemaOf(version),
    subresources,
  });
}

function scalePlaces({ specReplicasPath, statusReplicasPath, labelSelectorPath = "" }: ScalePaths): ScalePlaces {
  const steps = (path: string): string[] => path.split(".").filter((step) => step !== "");
  const selector = steps(labelSelectorPath);
  return {
    specReplicas: steps(specReplicasPath),
    statusReplicas: steps(statusReplicasPath),
    selector: (object) => (selector.length === 0 ? "" : String(fieldAt(object, ...selector) ?? "")),
  };
}

function statusSubresource(version: CustomResourceVersion): ViewSubresource {
  return {
    type: "view",
    verbs: ["get", "patch", "update"],
    read: (object) => object,
    write: withStatusOf,
    validate: (body, object) => objectErrors(version, body, object),
    changesGeneration: false,
  };
}

function decode(object: ApiObject, schema: StructuralSchema): Decoded {
  const pruned = pruneUnknownFields(object, schema);
  return { object: applyDefaults(pruned.object, schema) as ApiObject, unknownFields: [...pruned.unknownFields].sort() };
}

/** A status write changes status alone, and of the metadata nothing that a user owns. */
function withStatusOf(body: ApiObject, object: ApiObject): ApiObject {
  const { status: _old, ...rest } = object;
  return "status" in body ? { ...rest, status: body.status } : rest;
}

function strategyOf(versions: readonly CustomResourceVersion[]): Strategy {
  const versionOf = (name: string): CustomResourceVersion => versions.find((version) => version.name === name)!;
  const hasStatus = versions.every(({ subresources }) => subresources?.status !== undefined);
  return {
    unconditionalUpdate: false,
    ...(hasStatus
      ? { prepareForCreate: withoutStatus, prepareForUpdate: (object, old) => withStatusOf(old, object) }
      : {}),
    validateCreate: (object, version) => objectErrors(versionOf(version), object),
    validateUpdate: (object, old, version) => objectErrors(versionOf(version), object, old),
    generationOf: ({ metadata: _metadata, apiVersion: _apiVersion, ...rest }) => {
      const { status: _status, ...spec } = rest;
      return hasStatus ? spec : rest;
    },
  };
}

function withoutStatus(object: ApiObject): ApiObject {
  const { status: _status, ...rest } = object;
  return rest as ApiObject;
}

function objectErrors(version: CustomResourceVersion, object: ApiObject, old?: ApiObject): FieldError[] {
  return schemaErrors(object, schemaOf(version), "", old);
}

function schemaOf(version: CustomResourceVersion): StructuralSchema {
  return version.schema!.openAPIV3Schema!;
}
