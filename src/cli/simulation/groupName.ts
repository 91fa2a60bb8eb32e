import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";

/**
 * A scatter group in words: `zone=a`, `zone=a, tier=gold`; a missing label is `zone=` and one that the terms do not ask for
 * `other zone`.
 */
export function groupNames({ spec }: SidecarSet): (group: string) => string {
  const keys = [...new Set(spec.updateStrategy.scatterStrategy.map(({ key }) => key))];
  return (group) => {
    if (group === "") return "";
    const parts = JSON.parse(group) as readonly (string | null)[];
    return keys.map((key, at) => part(key, parts[at])).join(", ");
  };
}

function part(key: string, value: string | null | undefined): string {
  return value === null || value === undefined ? `other ${key}` : `${key}=${value}`;
}
