import { fieldErrorText } from "../core/kube/fieldErrorText.ts";
import type { JsonObject } from "../core/kube/object.ts";
import type { CompilePattern } from "../core/kube/pattern.ts";
import type { FieldError } from "../core/result.ts";
import { GROUP, SIDECAR_SET_KIND } from "../core/sidecarSet/annotations.ts";
import { canaryBaseOf } from "../core/sidecarSet/canary.ts";
import type { LintCode } from "../core/sidecarSet/lint/finding.ts";
import { lintSidecarSet } from "../core/sidecarSet/lint/lintSidecarSet.ts";
import { parseSidecarSet } from "../core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import { validateSidecarSet } from "../core/sidecarSet/validateSidecarSet.ts";
import type { LocatedObject, ReadingProblem } from "./manifests.ts";
import { unknownFieldFindings } from "./unknownFields.ts";

/** What `sidecarset validate -o json` prints; within v1 fields are only added. Described in docs/reference/validation-report.md. */
export interface ValidationReport {
  readonly apiVersion: "cli.sidecarset/v1";
  readonly kind: "ValidationReport";
  /** RFC 3339. */
  readonly generatedAt: string;
  /** Whether there is no finding. */
  readonly clean: boolean;
  readonly findings: readonly Finding[];
  /** The SidecarSets that were looked at. */
  readonly checked: readonly ObjectPlace[];
  /** What only a cluster could tell. */
  readonly notChecked: readonly Note[];
  /** Objects of other kinds. */
  readonly skipped: readonly ObjectPlace[];
}

interface Place {
  /** The file as it was named, or "standard input". */
  readonly source: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

export interface Finding extends Place {
  readonly severity: "error" | "warning";
  /** Name of the SidecarSet; empty when the text cannot be read as an object, or when it has no name. */
  readonly sidecarSet: string;
  /** Path as Kubernetes writes it; empty for the object as a whole. */
  readonly field: string;
  /** FieldError's word, `FieldUnknown`, `Unreadable`, or the code of something that is legal but hurts. */
  readonly type: FieldError["type"] | "FieldUnknown" | "Unreadable" | LintCode;
  readonly message: string;
}

export interface ObjectPlace extends Place {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

interface Note extends Place {
  readonly sidecarSet: string;
  readonly field: string;
  readonly message: string;
}

/** Judges every SidecarSet as if it were created in a cluster that has all the others of the files. */
export function validationReport(
  read: { readonly objects: readonly LocatedObject[]; readonly problems: readonly ReadingProblem[] },
  given: { readonly generatedAt: string; readonly compilePattern: CompilePattern },
): ValidationReport {
  const sets = read.objects.filter(isSidecarSet);
  const parsed = sets.map(({ object }) => parseSidecarSet(object));
  const found = sets.map((set, index) => {
    const others = parsed.flatMap((other, at) => (at !== index && other.ok ? [other.value] : []));
    const own = parsed[index];
    return {
      findings: withLint(set, [...errorsOf(set, others, given.compilePattern), ...unknownFieldsOf(set)]),
      notes: own?.ok ? notesOf(set, own.value, others) : [],
    };
  });
  const findings = [...read.problems.map(unreadable), ...found.flatMap((each) => each.findings)];
  return {
    apiVersion: "cli.sidecarset/v1",
    kind: "ValidationReport",
    generatedAt: given.generatedAt,
    clean: findings.length === 0,
    findings: inOrder(findings),
    checked: sets.map(objectPlace),
    notChecked: found.flatMap(({ notes }) => notes),
    skipped: read.objects.filter((object) => !isSidecarSet(object)).map(objectPlace),
  };
}

export function isSidecarSet({ object }: LocatedObject): boolean {
  return object.kind === SIDECAR_SET_KIND && object.apiVersion.startsWith(`${GROUP}/`);
}

/** Where Kubernetes names the map as the field and the key as the value, the place is that of the key. */
function errorsOf(set: LocatedObject, existing: readonly SidecarSet[], compilePattern: CompilePattern): Finding[] {
  const errors = validateSidecarSet({
    sidecarSet: set.object,
    existing,
    revisions: [],
    offline: true,
    metadataRules: { allowedByDefault: true },
    compilePattern,
  });
  return errors.map((error) => ({
    severity: "error",
    ...about(set, error.field),
    ...set.position(typeof error.value === "string" ? `${error.field}[${error.value}]` : error.field),
    type: error.type,
    message: fieldErrorText(error, LONGEST_VALUE),
  }));
}

const LONGEST_VALUE = 80;

/** With what is legal but hurts, where a finding of another kind has not spoken about the field already. */
function withLint(set: LocatedObject, found: readonly Finding[]): Finding[] {
  const lint = lintSidecarSet({ sidecarSet: set.object }).filter(
    ({ field }) => !found.some((other) => other.field === field),
  );
  return [
    ...found,
    ...lint.map(
      ({ code, field, message }): Finding => ({ severity: "warning", ...about(set, field), type: code, message }),
    ),
  ];
}

function unknownFieldsOf(set: LocatedObject): Finding[] {
  return unknownFieldFindings(set.object).map(({ field, message }) => ({
    severity: "warning",
    ...about(set, field),
    type: "FieldUnknown",
    message,
  }));
}

function notesOf(set: LocatedObject, { annotations, spec }: SidecarSet, others: readonly SidecarSet[]): Note[] {
  const base = canaryBaseOf(annotations);
  const pin = spec.injectionStrategy.revision;
  return [
    ...(pin?.revisionName !== undefined || pin?.customVersion !== undefined
      ? [{ ...about(set, "spec.injectionStrategy.revision"), message: "whether the pinned revision exists" }]
      : []),
    ...(base !== undefined && !others.some(({ name }) => name === base)
      ? [
          {
            ...about(set, "metadata.annotations"),
            message: `whether there is a SidecarSet ${base}: add its file with -f`,
          },
        ]
      : []),
    ...(spec.patchPodMetadata.length > 0
      ? [
          {
            ...about(set, "spec.patchPodMetadata"),
            message: "whether the cluster's white list allows these keys",
          },
        ]
      : []),
  ];
}

function about(set: LocatedObject, field: string): Place & { readonly sidecarSet: string; readonly field: string } {
  return { source: set.source, ...set.position(field), sidecarSet: nameOf(set.object), field };
}

function objectPlace(located: LocatedObject): ObjectPlace {
  const { apiVersion, kind } = located.object;
  return { source: located.source, ...located.position(""), apiVersion, kind, name: nameOf(located.object) };
}

function nameOf({ metadata }: JsonObject): string {
  const name = (metadata as { readonly name?: unknown } | null | undefined)?.name;
  return typeof name === "string" ? name : "";
}

function unreadable({ severity, source, position, message }: ReadingProblem): Finding {
  return { severity, source, ...position, sidecarSet: "", field: "", type: "Unreadable", message };
}

/** Files as they were given, from top to bottom. */
function inOrder(findings: readonly Finding[]): Finding[] {
  const sources = [...new Set(findings.map(({ source }) => source))];
  return findings.toSorted(
    (left, right) =>
      sources.indexOf(left.source) - sources.indexOf(right.source) ||
      left.line - right.line ||
      left.column - right.column,
  );
}
