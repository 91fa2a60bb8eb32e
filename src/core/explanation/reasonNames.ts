import { type Because, REASON_CODES } from "../rollout/verdict.ts";

/** Names of the reasons why a pod has no sidecars, or not the newest ones from the start; docs/reference/reasons.md explains each. */
export const INJECTION_REASONS = {
  I01: "selectorMismatch",
  I02: "namespaceMismatch",
  I03: "injectionPaused",
  I04: "podOlderThanSet",
  I05: "namespaceExcluded",
  I06: "webhookUnavailable",
  I07: "canaryWins",
  I08: "otherRevision",
  I09: "staticPod",
  I10: "removedAfterwards",
  I11: "injectionRejected",
  I12: "optedOut",
  I13: "injectionStopped",
} as const;
export type InjectionCode = keyof typeof INJECTION_REASONS;

/** A pod whose turn has come, and nobody has upgraded it yet. */
export const NOT_OBSERVED = "notObserved";
const NOT_OBSERVED_CODE = "U11";

export type UpdateReason = Exclude<Because, "notInjected"> | typeof NOT_OBSERVED;

export function updateCode(because: UpdateReason): string {
  return because === NOT_OBSERVED ? NOT_OBSERVED_CODE : (REASON_CODES[because] ?? "");
}

/** Where the reason is explained, from the root of the documentation. */
export function docsOf(code: string): string {
  return `docs/reference/reasons.md#${code.toLowerCase()}`;
}

/** Whether it says that the SidecarSet is not about the pod at all. */
export function isNotSelected(code: string): boolean {
  return code === "I01" || code === "I02";
}

export function isAboutInjection(code: string): boolean {
  return code in INJECTION_REASONS;
}

/** @returns empty for a code that is not known here: a newer manager may tell more */
export function reasonName(code: string): string {
  if (isAboutInjection(code)) return INJECTION_REASONS[code as InjectionCode];
  if (code === NOT_OBSERVED_CODE) return NOT_OBSERVED;
  return Object.entries(REASON_CODES).find(([, known]) => known === code)?.[0] ?? "";
}
