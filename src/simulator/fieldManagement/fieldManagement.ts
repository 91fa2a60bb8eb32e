import type { JsonObject } from "../../core/kube/object.ts";
import type { Result } from "../../core/result.ts";
import { type ApiObject, isRecord, withMeta } from "../apiObject.ts";
import type { ApiRequest } from "../apiRequest.ts";
import { badRequest, failure, notImplemented } from "../apiStatus.ts";
import { pruneUnknownFields } from "../customResourcePruning.ts";
import type { StructuralSchema } from "../customResourceSchema.ts";
import { asApiObject } from "../objectMeta.ts";
import type { ResourceDefinition } from "../resourceDefinition.ts";
import { builtinSchema } from "../schema/builtinTypes.ts";
import { fieldsOf } from "./comparison.ts";
import { applyConflict } from "./conflictText.ts";
import { difference, type FieldSet, fromFieldsV1, isEmptySet, NO_FIELDS } from "./fieldSet.ts";
import { type Manager, readManagers, type Writer, writeManagers } from "./managers.ts";
import { type Applied, applyConfiguration, type Conflict, managersAfterUpdate, type Write } from "./ownership.ts";

/** A write on its way to the store: whose it is, through which door, and when. */
export interface ManagedWrite {
  readonly definition: ResourceDefinition;
  readonly version: string;
  readonly subresource: string;
  readonly request: ApiRequest;
  readonly now: string;
}

/** The new state with the owners of its fields, after a create, a PUT or a patch. */
export function withOwners(next: ApiObject, live: ApiObject | undefined, write: ManagedWrite): ApiObject {
  const managers = ownersBefore(next, live);
  // What nobody's ownership was ever written down for stays so until somebody applies it.
  if (live && managers.length === 0) return withMeta(next, { managedFields: undefined });
  const base = live ?? unwritten(next, write.definition);
  const after = managersAfterUpdate(described(base, managers, write, "Update"), next);
  return withMeta(next, { managedFields: writeManagers(after, live?.metadata.managedFields) });
}

/**
 * Server-side apply: the object as the configuration wants it, with its owners.
 * @throws the conflicts, 409
 */
export function applied(live: ApiObject | undefined, sent: JsonObject, write: ManagedWrite): ApiObject {
  const configuration = readConfiguration(sent, write);
  const managers = live ? ownersBefore(live, live) : [];
  const known = live && managers.length === 0 ? [beforeFirstApply(live, write)] : managers;
  const asked = described(live ?? {}, known, write, "Apply");
  const force = write.request.options?.force ?? false;
  const result = orUpgraded(applyConfiguration(asked, configuration, { force }), live, configuration, asked);
  if (!result.ok) throw applyConflict(result.error);
  const object = result.value.object as ApiObject;
  return withMeta(object, { managedFields: writeManagers(result.value.managers, live?.metadata.managedFields) });
}

function readConfiguration(sent: JsonObject, write: ManagedWrite): ApiObject {
  const { definition, version, subresource } = write;
  const served = definition.versions[version]!.subresources[subresource];
  if (served?.type === "view" && served.kind)
    throw notImplemented(`server-side apply of ${definition.plural}/${subresource}`);
  const configuration = asApiObject(sent, { apiVersion: apiVersionOf(write), kind: definition.kind });
  if (configuration.metadata.managedFields !== undefined) throw badRequest("metadata.managedFields must be nil");
  checkDeclared(configuration, write);
  const foreign = [...foreignFields(write).children.keys()].map((step) => step.slice(2));
  return Object.fromEntries(Object.entries(configuration).filter(([field]) => !foreign.includes(field))) as ApiObject;
}

/** What the schema does not declare has no place to be merged into. */
function checkDeclared(configuration: ApiObject, write: ManagedWrite): void {
  const { namespace = "", name = "" } = configuration.metadata;
  const schema = write.definition.versions[write.version]?.schema;
  const unknown = schema ? pruneUnknownFields(configuration, schema).unknownFields : [];
  if (unknown.length === 0) return;
  const problems = unknown.map((field) => `.${field}: field not declared in schema`);
  const text = problems.length === 1 ? ` ${problems[0]}` : ` errors:\n  ${problems.join("\n  ")}`;
  const about = `${namespace}/${name}; ${apiVersionOf(write)}, Kind=${write.definition.kind}`;
  throw failure(500, "", `failed to create typed patch object (${about}):${text}`);
}

/**
 * What kubectl applied from the client's side it may take over from the server's: the conflicts that are only about fields of its last
 * configuration are forced.
 */
function orUpgraded(
  result: Result<Applied, readonly Conflict[]>,
  live: ApiObject | undefined,
  configuration: ApiObject,
  write: Write,
): Result<Applied, readonly Conflict[]> {
  if (result.ok || write.writer.manager !== "kubectl") return result;
  const before = parsed(live?.metadata.annotations?.[LAST_APPLIED]);
  if (before === undefined) return result;
  const allowed = fieldsOf(before, write.schema);
  const rest = result.error
    .map((conflict) => ({ ...conflict, fields: difference(conflict.fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields));
  if (rest.length > 0) return { ok: false, error: rest };
  return applyConfiguration(write, configuration, { force: true });
}

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** The entries the writer sends count, if they can be read; one empty entry starts anew. */
function ownersBefore(next: ApiObject, live: ApiObject | undefined): readonly Manager[] {
  const sent = next.metadata.managedFields;
  if (live && sent?.length === 1 && isRecord(sent[0]) && Object.keys(sent[0]).length === 0) return [];
  const managers = readManagers(sent);
  return managers.length > 0 ? managers : readManagers(live?.metadata.managedFields);
}

function beforeFirstApply(live: ApiObject, write: ManagedWrite): Manager {
  const writer = { ...writerOf(write, "Update"), manager: "before-first-apply" };
  const all = managersAfterUpdate({ ...described({}, [], write, "Update"), writer }, live);
  return all[0] ?? { ...writer, time: write.now, fields: NO_FIELDS };
}

function described(
  live: unknown,
  managers: readonly Manager[],
  write: ManagedWrite,
  operation: Writer["operation"],
): Write {
  return {
    live,
    schema: schemaOf(write.definition, write.version),
    managers,
    writer: writerOf(write, operation),
    now: write.now,
    unowned: foreignFields(write),
  };
}

function writerOf({ definition, version, subresource, request }: ManagedWrite, operation: Writer["operation"]): Writer {
  const { fieldManager } = request.options ?? {};
  return {
    manager: fieldManager || (request.userAgent ?? "unknown").split("/")[0]!,
    operation,
    apiVersion: apiVersionOf({ definition, version }),
    ...(subresource === "" ? {} : { subresource }),
  };
}

function apiVersionOf({ definition, version }: Pick<ManagedWrite, "definition" | "version">): string {
  return definition.group === "" ? version : `${definition.group}/${version}`;
}

const STATUS: FieldSet = fromFieldsV1({ "f:status": {} })!;
const SPEC: FieldSet = fromFieldsV1({ "f:spec": {} })!;

/** Through the object's own door nobody owns its status, where that has a door of its own; and the other way round. */
function foreignFields({ definition, version, subresource }: ManagedWrite): FieldSet {
  if (subresource === "status") return SPEC;
  return definition.versions[version]!.subresources.status ? STATUS : NO_FIELDS;
}

const customSchemas = new WeakMap<object, StructuralSchema>();
const UNKNOWN: StructuralSchema = {};

/** By it objects are taken apart: custom resources say nothing of their metadata, which is every object's. */
function schemaOf(definition: ResourceDefinition, version: string): StructuralSchema {
  const declared = definition.versions[version]?.schema;
  if (declared === undefined) return UNKNOWN;
  let schema = customSchemas.get(declared);
  if (!schema) {
    const metadata = builtinSchema("meta.v1.ObjectMeta")!;
    schema = { ...declared, properties: { ...declared.properties, metadata } };
    customSchemas.set(declared, schema);
  }
  return schema;
}

/** What Go's types always hold: a new object of a built-in kind is compared to it, so that nobody owns it for having written around it. */
const ALWAYS_THERE = {
  metadata: {},
  spec: { strategy: {}, updateStrategy: {}, template: { metadata: {}, spec: {} } },
  status: {},
};

function unwritten(object: ApiObject, { strategicMerge }: ResourceDefinition): unknown {
  return skeleton(object, strategicMerge ? ALWAYS_THERE : { metadata: {} });
}

function skeleton(object: Readonly<Record<string, unknown>>, parts: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parts).flatMap(([field, below]): [string, unknown][] => {
      const part = object[field];
      return isRecord(part) ? [[field, skeleton(part, below as object)]] : [];
    }),
  );
}
