import { failure } from "../apiStatus.ts";
import { placesOf } from "./fieldSet.ts";
import type { Manager } from "./managers.ts";
import type { Conflict } from "./ownership.ts";

/** 409 in Kubernetes' words: who owns what the apply would change. */
export function applyConflict(conflicts: readonly Conflict[]): Error {
  const byOwner = new Map<string, string[]>();
  const told = conflicts.map((conflict) => ({
    owner: ownerText(conflict.with),
    fields: placesOf(conflict.fields).sort(),
  }));
  const causes = told.sort(byOwnerText).flatMap(({ owner, fields }) => {
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), ...fields]);
    return fields.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${owner}`, field }));
  });
  const [first] = causes;
  const text =
    causes.length === 1
      ? `1 conflict: ${first!.message}: ${first!.field}`
      : `${causes.length} conflicts: ${[...byOwner].map(([owner, fields]) => ownedText(owner, fields)).join("\n")}`;
  return failure(409, "Conflict", `Apply failed with ${text}`, { causes });
}

function byOwnerText(a: { readonly owner: string }, b: { readonly owner: string }): number {
  return a.owner < b.owner ? -1 : 1;
}

function ownedText(owner: string, fields: readonly string[]): string {
  return [`conflicts with ${owner}:`, ...fields.map((field) => `- ${field}`)].join("\n");
}

/** `"kubectl-edit" with subresource "scale" using apps/v1` */
function ownerText({ manager, operation, apiVersion, subresource }: Manager): string {
  const part = subresource === undefined ? "" : ` with subresource "${subresource}"`;
  return `${JSON.stringify(manager)}${part}${operation === "Update" ? ` using ${apiVersion}` : ""}`;
}
