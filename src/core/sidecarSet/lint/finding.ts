import type { SidecarSetHashes } from "../hash.ts";
import type { SidecarSet } from "../sidecarSet.ts";

/** Something that is legal in a SidecarSet, but hurts. */
export interface Finding {
  readonly code: LintCode;
  readonly name: string;
  /** Path as Kubernetes writes it. */
  readonly field: string;
  /** What hurts, the value, and what to do. */
  readonly message: string;
}

/** Every code that is told has a section in docs/reference/reasons.md; the gap is an error. */
const NAMES = {
  L01: "maxUnavailableZero",
  L02: "beyondImage",
  L03: "selectorWithPartition",
  L04: "matchesNothing",
  L06: "budgetExhausted",
  L07: "floatingTag",
  L08: "emptyImageMissing",
  L09: "scatterKeyMissing",
  L10: "partitionKeepsAll",
  L11: "uncoveredChange",
  L12: "pullPolicyByTag",
  L13: "emptyImageChanged",
  L14: "quantityText",
  L15: "sidecarRemoved",
  L16: "partialByNumber",
  L17: "failsOpen",
} as const;

export type LintCode = keyof typeof NAMES;

export function finding(code: LintCode, field: string, message: string): readonly Finding[] {
  return [{ code, name: NAMES[code], field, message }];
}

export function isLintCode(text: string): text is LintCode {
  return Object.hasOwn(NAMES, text);
}

/** What a check looks at. */
export interface Subject {
  readonly set: SidecarSet;
  /** What it replaces; undefined when it is being created. */
  readonly old: Replaced | undefined;
  /** The spec before defaults were filled in. */
  readonly written: WrittenSpec;
  /** Labels of every namespace of the cluster; undefined when they are not known. */
  readonly namespaces: readonly Readonly<Record<string, string>>[] | undefined;
}

/** As much as we ask about what was left out. */
export interface WrittenSpec {
  readonly namespace?: string | null;
  readonly containers?: WrittenSidecars;
  readonly initContainers?: WrittenSidecars;
}

type WrittenSidecars = readonly ({ readonly imagePullPolicy?: string | null } | null)[] | null;

export interface Replaced {
  readonly set: SidecarSet;
  readonly hashes: SidecarSetHashes;
  /** Those of the set that comes in its place. */
  readonly newHashes: SidecarSetHashes;
}

export type Check = (subject: Subject) => readonly Finding[];

/** A value as a message shows it. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}..."` : text;
}

const LONGEST_VALUE = 60;
