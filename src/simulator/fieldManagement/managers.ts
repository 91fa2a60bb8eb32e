import { isRecord, withoutUndefined } from "../apiObject.ts";
import { type FieldSet, fromFieldsV1, isEmptySet, NO_FIELDS, sameSet, toFieldsV1 } from "./fieldSet.ts";

/** Who owns which fields of an object, and how it came by them: one entry of `metadata.managedFields`. */
export interface Manager extends Writer {
  readonly time: string;
  readonly fields: FieldSet;
}

/** Who writes. Applying and updating are two managers, even under one name. */
export interface Writer {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  /** Absent: the object itself. */
  readonly subresource?: string;
}

const decoded = new WeakMap<object, readonly Manager[]>();

/** The entries as sets; those that cannot be read are left out. */
export function readManagers(managedFields: readonly unknown[] | undefined): readonly Manager[] {
  if (!managedFields) return [];
  let managers = decoded.get(managedFields);
  if (!managers) {
    managers = managedFields.flatMap(readManager);
    decoded.set(managedFields, managers);
  }
  return managers;
}

function readManager(entry: unknown): Manager[] {
  const fields = isRecord(entry) ? fromFieldsV1(entry.fieldsV1) : undefined;
  if (!isRecord(entry) || !fields) return [];
  const { manager = "", operation, apiVersion = "", subresource, time = "" } = entry;
  if (operation !== "Apply" && operation !== "Update") return [];
  const part = { apiVersion: String(apiVersion), time: String(time), fields };
  const writer: Manager = { manager: String(manager), operation, ...part };
  return [typeof subresource === "string" && subresource !== "" ? { ...writer, subresource } : writer];
}

/** The entries in Kubernetes' order: who applies first, then by time and name. The same managers give the same list. */
export function writeManagers(
  managers: readonly Manager[],
  before: readonly unknown[] | undefined,
): readonly unknown[] | undefined {
  const kept = managers.filter(({ fields }) => !isEmptySet(fields));
  if (before && sameManagers(kept, readManagers(before))) return before;
  if (kept.length === 0) return undefined;
  const entries = [...kept].sort(inOrder).map(({ fields, ...entry }) => ({
    ...withoutUndefined({ ...entry, subresource: undefined }),
    fieldsType: "FieldsV1",
    fieldsV1: toFieldsV1(fields),
    ...(entry.subresource === undefined ? {} : { subresource: entry.subresource }),
  }));
  decoded.set(entries, kept);
  return entries;
}

function sameManagers(a: readonly Manager[], b: readonly Manager[]): boolean {
  return a.length === b.length && a.every((one) => sameSet(one.fields, find(b, one)?.fields ?? NO_FIELDS));
}

function inOrder(a: Manager, b: Manager): number {
  const [left, right] = [a, b].map(({ operation, time, manager }) => `${operation} ${time} ${manager}`);
  return left! < right! ? -1 : 1;
}

export function find(managers: readonly Manager[], writer: Writer): Manager | undefined {
  return managers.find((one) => isSame(one, writer));
}

/** Applying is one thing in all versions of a kind; updates are told apart by version. */
export function isSame(a: Writer, b: Writer): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.subresource === b.subresource &&
    (a.operation === "Apply" || a.apiVersion === b.apiVersion)
  );
}
