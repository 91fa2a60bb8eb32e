import { oncePer } from "../oncePer.ts";
import type { FieldError, FieldErrorType, Result } from "../result.ts";
import { err, ok } from "../result.ts";
import { labelValueProblem, qualifiedNameProblem } from "./labelSyntax.ts";

/** metav1.LabelSelector. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelRequirement[];
}

export interface LabelRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** One condition on labels. `GreaterThan` and `LessThan` exist only in selector texts of the API (`key>3`). */
export interface Requirement {
  readonly key: string;
  readonly operator: LabelRequirement["operator"] | "GreaterThan" | "LessThan";
  readonly values: readonly string[];
}

/** A requirement that labels do not meet, and what they hold instead. */
export interface UnmetRequirement {
  readonly requirement: Requirement;
  /** The value under the requirement's key; undefined when there is no such label. */
  readonly found: string | undefined;
}

export interface CompiledSelector {
  /** All must be met. None: everything matches. */
  readonly requirements: readonly Requirement[];
  matches(labels: Labels): boolean;
  /** The first requirement the labels fail, in the order of `requirements`. */
  firstUnmet(labels: Labels): UnmetRequirement | undefined;
}

/**
 * Kubernetes' meaning of a selector that is present: `{}` matches everything. What an absent selector means differs from
 * field to field, so that decision is the caller's. matchLabels come first, then matchExpressions as written.
 * @param path field that holds the selector, for the errors
 */
export function compileSelector(selector: LabelSelector, path = ""): Result<CompiledSelector, FieldError[]> {
  const errors = selectorErrors(selector, path);
  if (errors.length > 0) return err(errors);
  const equalities = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]): Requirement => ({
      key,
      operator: "In",
      values: [value],
    }),
  );
  const expressions = (selector.matchExpressions ?? []).map(
    (expression): Requirement => ({
      key: expression.key,
      operator: expression.operator,
      values: expression.values ?? [],
    }),
  );
  return ok(compileRequirements([...equalities, ...expressions]));
}

/** The same for a selector that many labels are held against: compiled when first seen, and kept as long as the selector lives. */
export const compileSelectorOnce = oncePer((selector: LabelSelector) => compileSelector(selector));

export function compileRequirements(requirements: readonly Requirement[]): CompiledSelector {
  return {
    requirements,
    matches: (labels) => requirements.every((requirement) => isMet(requirement, labels)),
    firstUnmet(labels) {
      const requirement = requirements.find((candidate) => !isMet(candidate, labels));
      return requirement && { requirement, found: labelOf(labels, requirement.key) };
    },
  };
}

/** `{}` and a selector without a single requirement: some fields give it a meaning of their own. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}

/** As a person would write it for kubectl: `app=web`, `tier in (a,b)`, `!legacy`. */
export function formatRequirement({ key, operator, values }: Requirement): string {
  switch (operator) {
    case "In":
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(",")})`;
    case "NotIn":
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(",")})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    case "GreaterThan":
      return `${key}>${values[0]}`;
    case "LessThan":
      return `${key}<${values[0]}`;
  }
}

function isMet({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labelOf(labels, key);
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "GreaterThan":
      return compareIntegers(value, values[0]) === 1;
    case "LessThan":
      return compareIntegers(value, values[0]) === -1;
  }
}

/** What an object inherits is never a text, so one look tells. */
function labelOf(labels: Labels, key: string): string | undefined {
  const value: unknown = labels[key];
  return typeof value === "string" ? value : undefined;
}

function compareIntegers(left: string | undefined, right: string | undefined): number | undefined {
  if (left === undefined || right === undefined || !INTEGER.test(left) || !INTEGER.test(right)) return undefined;
  const difference = BigInt(left) - BigInt(right);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

const INTEGER = /^-?[0-9]+$/;

/** Everything wrong with a selector whose parts have the right JSON types. */
export function selectorErrors(selector: LabelSelector, path: string): FieldError[] {
  const labels = Object.entries(selector.matchLabels ?? {}).flatMap(([key, value]) => [
    ...invalid(`${path}.matchLabels`, key, qualifiedNameProblem(key)),
    ...invalid(`${path}.matchLabels[${key}]`, value, labelValueProblem(value)),
  ]);
  const expressions = (selector.matchExpressions ?? []).flatMap((expression, index) =>
    expressionErrors(expression, `${path}.matchExpressions[${index}]`),
  );
  return [...labels, ...expressions];
}

function expressionErrors({ key, operator, values = [] }: LabelRequirement, path: string): FieldError[] {
  const errors = invalid(`${path}.key`, key, qualifiedNameProblem(key));
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) {
        errors.push(
          fieldError(`${path}.values`, "FieldValueRequired", `operator ${operator} needs at least one value`, values),
        );
      }
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) {
        errors.push(
          fieldError(`${path}.values`, "FieldValueForbidden", `operator ${operator} takes no values`, values),
        );
      }
      break;
    default:
      errors.push(
        fieldError(
          `${path}.operator`,
          "FieldValueInvalid",
          "unknown operator; use In, NotIn, Exists or DoesNotExist",
          operator,
        ),
      );
  }
  return [
    ...errors,
    ...values.flatMap((value, index) => invalid(`${path}.values[${index}]`, value, labelValueProblem(value))),
  ];
}

function invalid(field: string, value: string, problem: string | undefined): FieldError[] {
  return problem === undefined ? [] : [fieldError(field, "FieldValueInvalid", problem, value)];
}

function fieldError(field: string, type: FieldErrorType, detail: string, value: unknown): FieldError {
  return { field: field.replace(/^\./, ""), type, detail, value };
}
