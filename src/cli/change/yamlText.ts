import { stringify } from "yaml";

/** As kubectl prints it: strings are never folded. */
export function yamlText(data: unknown): string {
  return stringify(data, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}
