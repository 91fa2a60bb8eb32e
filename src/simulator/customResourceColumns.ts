import type { FieldError } from "../core/result.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { ApiObject } from "./apiObject.ts";
import { humanDuration } from "./humanDuration.ts";
import { compileJsonPath } from "./jsonPath.ts";
import type { TableColumn } from "./resourceDefinition.ts";

/** `additionalPrinterColumns` of a version. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: TableColumn["type"];
  readonly jsonPath: string;
  readonly description?: string;
  readonly format?: string;
  readonly priority?: number;
}

const NAME: TableColumn = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Name of the object, unique among the objects of its kind and namespace.",
  priority: 0,
  value: (object) => object.metadata.name,
};
const AGE: PrinterColumn = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };

/** The columns of a table of custom resources: the name, then the declared ones, or the age when none are declared. */
export function printerColumns(
  declared: readonly PrinterColumn[] | undefined,
  path: string,
): Result<readonly TableColumn[], FieldError[]> {
  const columns: TableColumn[] = [NAME];
  const errors: FieldError[] = [];
  (declared ?? [AGE]).forEach((column, index) => {
    const compiled = compileJsonPath(column.jsonPath);
    if (compiled.ok) columns.push(tableColumn(column, compiled.value));
    else
      errors.push({
        field: `${path}[${index}].jsonPath`,
        type: "FieldValueInvalid",
        detail: compiled.error,
        value: column.jsonPath,
      });
  });
  return errors.length > 0 ? err(errors) : ok(columns);
}

function tableColumn(column: PrinterColumn, read: (object: unknown) => readonly unknown[]): TableColumn {
  return {
    name: column.name,
    type: column.type,
    ...(column.format === undefined ? {} : { format: column.format }),
    description: column.description ?? `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
    priority: column.priority ?? 0,
    value: (object: ApiObject, now: number) => cell(column.type, read(object)[0], now),
  };
}

/** A value that does not fit its column's type is shown as nothing. */
function cell(type: TableColumn["type"], value: unknown, now: number): unknown {
  if (value === undefined || value === null) return null;
  switch (type) {
    case "string":
      return typeof value === "string" ? value : JSON.stringify(value);
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      return typeof value === "string" ? ageOf(value, now) : null;
  }
}

function ageOf(time: string, now: number): string {
  const since = Date.parse(time);
  return Number.isNaN(since) ? "<invalid>" : humanDuration(now - since);
}
