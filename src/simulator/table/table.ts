import type { ApiObject } from "../apiObject.ts";
import type { ApiList } from "../apiRequest.ts";
import type { TableColumn } from "../resourceDefinition.ts";

/** meta.k8s.io/v1 Table, the form in which kubectl asks for what it shows. */
export interface Table {
  readonly kind: "Table";
  readonly apiVersion: "meta.k8s.io/v1";
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly columnDefinitions: readonly Readonly<Record<string, unknown>>[] | null;
  readonly rows: readonly TableRow[];
}

interface TableRow {
  readonly cells: readonly unknown[];
  readonly object: unknown;
}

/** What a row carries of its object besides the cells. */
export type IncludeObject = "None" | "Metadata" | "Object";

export interface TableSettings {
  readonly columns: readonly TableColumn[];
  readonly now: number;
  readonly includeObject: IncludeObject;
}

export function tableOfList(list: ApiList, settings: TableSettings): Table {
  return table(list.metadata, list.items, settings);
}

export function tableOfObject(object: ApiObject, settings: TableSettings): Table {
  const { resourceVersion } = object.metadata;
  return table(resourceVersion === undefined ? {} : { resourceVersion }, [object], settings);
}

function table(metadata: Table["metadata"], objects: readonly ApiObject[], settings: TableSettings): Table {
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: settings.columns.map(({ name, type, format = "", description, priority }) => ({
      name,
      type,
      format,
      description,
      priority,
    })),
    rows: objects.map((object) => ({
      cells: settings.columns.map((column) => column.value(object, settings.now) ?? null),
      object: included(object, settings.includeObject),
    })),
  };
}

function included(object: ApiObject, include: IncludeObject): unknown {
  if (include === "None") return null;
  return include === "Object" ? object : metadataOnly(object);
}

export function metadataOnly(object: ApiObject): ApiObject {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
}

export function metadataList(list: ApiList): unknown {
  return {
    kind: "PartialObjectMetadataList",
    apiVersion: "meta.k8s.io/v1",
    metadata: list.metadata,
    items: list.items.map(metadataOnly),
  };
}

export function includeObjectOf(text: string | null): IncludeObject {
  return text === "None" || text === "Object" ? text : "Metadata";
}
