import { encodeSorted } from "../../kube/goJson.ts";
import type { Json } from "../../kube/object.ts";
import { sidecarSetHashes } from "../hash.ts";
import { parseSidecarSet } from "../parseSidecarSet.ts";
import type { SidecarSet } from "../sidecarSet.ts";
import { beyondImage, emptyImageChanged, pullPolicyByTag, sidecarRemoved, uncoveredChange } from "./changeChecks.ts";
import type { Check, Finding, Replaced, Subject, WrittenSpec } from "./finding.ts";
import { failsOpen, partialByNumber } from "./injectionChecks.ts";
import { matchesNothing } from "./selectionChecks.ts";
import { emptyImageMissing, floatingTag, quantityText } from "./sidecarChecks.ts";
import { budgetExhausted, maxUnavailableZero, partitionKeepsAll, selectorWithPartition } from "./strategyChecks.ts";

/** What can be told about a SidecarSet that someone writes. */
export interface Draft {
  /** As in the request, of either API version. */
  readonly sidecarSet: unknown;
  /** What it replaces, with its status; absent when it is being created. */
  readonly old?: unknown;
  /** Labels of every namespace of the cluster, where they are known. */
  readonly namespaces?: readonly Readonly<Record<string, string>>[];
}

/**
 * What is legal in a SidecarSet, but hurts, in the order of the codes. Nothing when the spec stays what it was, nor for what cannot be
 * read: that is an error, and no error is told here again.
 */
export function lintSidecarSet({ sidecarSet, old, namespaces }: Draft): readonly Finding[] {
  const set = parseSidecarSet(sidecarSet);
  if (!set.ok) return [];
  const parsed = old === undefined ? undefined : parseSidecarSet(old);
  const before = parsed?.ok ? parsed.value : undefined;
  if (before && specText(before) === specText(set.value)) return [];
  const replaced = before && replacedBy(set.value, before);
  const subject: Subject = { set: set.value, old: replaced, written: writtenSpec(sidecarSet), namespaces };
  const known = new Set(
    before && lastingFindings({ set: before, written: writtenSpec(old), namespaces }).map(identity),
  );
  return CHECKS.flatMap((check) => check(subject)).filter((found) => !known.has(identity(found)));
}

/** In the order of their codes, which is the order in which they are told. */
const CHECKS: readonly Check[] = [
  maxUnavailableZero,
  beyondImage,
  selectorWithPartition,
  matchesNothing,
  budgetExhausted,
  floatingTag,
  emptyImageMissing,
  partitionKeepsAll,
  uncoveredChange,
  pullPolicyByTag,
  emptyImageChanged,
  quantityText,
  sidecarRemoved,
  partialByNumber,
  failsOpen,
];

/** About something that stays as it is: told once, when it is written, and not again with every other change. */
const LASTING: readonly Check[] = [
  selectorWithPartition,
  matchesNothing,
  floatingTag,
  quantityText,
  partialByNumber,
  failsOpen,
];

function lastingFindings(subject: Omit<Subject, "old">): readonly Finding[] {
  return LASTING.flatMap((check) => check({ ...subject, old: undefined }));
}

/** Without the field: a sidecar may move in its list. */
function identity({ code, message }: Finding): string {
  return `${code} ${message}`;
}

function replacedBy(set: SidecarSet, old: SidecarSet): Replaced {
  return { set: old, hashes: sidecarSetHashes(old), newHashes: sidecarSetHashes(set) };
}

function specText({ spec }: SidecarSet): string {
  return encodeSorted(spec as unknown as Json);
}

/** Only for what has been parsed: its fields have the right JSON types. */
function writtenSpec(sidecarSet: unknown): WrittenSpec {
  return (sidecarSet as { readonly spec?: WrittenSpec | null }).spec ?? {};
}
