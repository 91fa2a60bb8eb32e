import type { ApiObject } from "../apiObject.ts";
import { humanDuration } from "../humanDuration.ts";
import type { TableColumn } from "../resourceDefinition.ts";

export const nameColumn: TableColumn = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Name must be unique within a namespace.",
  priority: 0,
  value: ({ metadata }) => metadata.name ?? "",
};

export const ageColumn: TableColumn = {
  name: "Age",
  type: "string",
  description: "Time since the object was created.",
  priority: 0,
  value: ({ metadata }, now) => age(metadata.creationTimestamp, now),
};

export function textColumn(
  name: string,
  value: (object: ApiObject, now: number) => unknown,
  priority = 0,
): TableColumn {
  return { name, type: "string", description: name, priority, value };
}

export function numberColumn(name: string, value: (object: ApiObject) => unknown, priority = 0): TableColumn {
  return { name, type: "integer", description: name, priority, value: (object) => Number(value(object) ?? 0) };
}

/** `<unknown>` without a time, else kubectl's short form. */
export function age(time: string | null | undefined, now: number): string {
  return time ? humanDuration(now - Date.parse(time)) : "<unknown>";
}
