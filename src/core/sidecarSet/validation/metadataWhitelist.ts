import { forbidden } from "../../kube/fieldErrors.ts";
import { compileSelector, type LabelSelector } from "../../kube/labelSelector.ts";
import { LABEL_SELECTOR } from "../../kube/metadataShape.ts";
import { isJsonObject, type Json } from "../../kube/object.ts";
import type { CompilePattern } from "../../kube/pattern.ts";
import { listOf, nonEmpty, objectOf, present, STRING, shapeErrors, withoutNulls } from "../../kube/shape.ts";
import { err, type FieldError, ok, type Result } from "../../result.ts";
import { CONFIGURATION_CONFIG_MAP, DEFAULT_SYSTEM_NAMESPACE, METADATA_WHITELIST_KEY } from "../annotations.ts";
import type { SidecarSet } from "../sidecarSet.ts";
import type { PatchedKey } from "./patchedKeys.ts";
import type { MetadataRules } from "./proposal.ts";

/** The keys that no rule of the installation's white list allows. Every refusal names the place where it can be allowed. */
export function whitelistErrors(
  set: SidecarSet,
  keys: readonly PatchedKey[],
  { rules, compilePattern }: { readonly rules: MetadataRules; readonly compilePattern: CompilePattern },
): FieldError[] {
  if (keys.length === 0) return [];
  const place = placeOf(rules);
  const applying = applyingRules(set, rules);
  if (!applying.ok) return forbidden(PATH, `${applying.error}; see ${place}`);
  return MAPS.flatMap((map) => {
    const own = keys.filter((key) => key.map === map);
    const allowed = own.length === 0 ? ok(undefined) : compilePatterns(map, applying.value, compilePattern);
    if (!allowed.ok) return forbidden(PATH, `${allowed.error}; see ${place}`);
    const isAllowed = allowed.value;
    if (isAllowed) {
      const detail = `the white list does not allow ${set.name} to write this key; see ${place}`;
      return own.filter(({ key }) => !isAllowed(key)).flatMap(({ field }) => forbidden(field, detail));
    }
    if (own.length === 0 || rules.allowedByDefault) return [];
    return forbidden(
      PATH,
      `a SidecarSet may write ${map} of pods only where a white list allows it: ${PATTERNS[map]} of a rule for ${set.name}, in ${place}`,
    );
  });
}

const PATH = "spec.patchPodMetadata";
const MAPS = ["annotations", "labels"] as const;
const PATTERNS = { annotations: "allowedAnnotationKeyExprs", labels: "allowedLabelKeyExprs" } as const;

function placeOf({ namespace = DEFAULT_SYSTEM_NAMESPACE }: MetadataRules): string {
  return `ConfigMap ${CONFIGURATION_CONFIG_MAP} in namespace ${namespace}, key ${METADATA_WHITELIST_KEY}`;
}

interface Rule {
  readonly selector?: LabelSelector;
  readonly allowedAnnotationKeyExprs?: readonly string[];
  readonly allowedLabelKeyExprs?: readonly string[];
}

interface NumberedRule extends Rule {
  readonly index: number;
}

function applyingRules(
  set: SidecarSet,
  { whitelist, unreadable }: MetadataRules,
): Result<readonly NumberedRule[], string> {
  if (unreadable !== undefined) return err(`the white list cannot be read: ${unreadable}`);
  const parsed = whitelist === undefined ? ok([]) : parseWhitelist(whitelist);
  if (!parsed.ok) return parsed;
  const applying: NumberedRule[] = [];
  for (const [index, rule] of parsed.value.entries()) {
    const compiled = compileSelector(rule.selector ?? {});
    if (!compiled.ok)
      return err(`rule ${index} of the white list: ${compiled.error[0]?.field} ${compiled.error[0]?.detail}`);
    if (compiled.value.matches(set.labels)) applying.push({ ...rule, index });
  }
  return ok(applying);
}

/** @returns undefined when the rules have no pattern at all, and so no opinion */
function compilePatterns(
  map: PatchedKey["map"],
  rules: readonly NumberedRule[],
  compilePattern: CompilePattern,
): Result<((key: string) => boolean) | undefined, string> {
  const tests: ((key: string) => boolean)[] = [];
  for (const { index, [PATTERNS[map]]: patterns = [] } of rules) {
    for (const pattern of patterns) {
      const test = compilePattern(pattern);
      if (!test.ok)
        return err(`rule ${index} of the white list: ${JSON.stringify(pattern)} is no pattern: ${test.error}`);
      tests.push(test.value);
    }
  }
  return ok(tests.length === 0 ? undefined : (key) => tests.some((test) => test(key)));
}

const WHITELIST = objectOf(
  nonEmpty(
    "rules",
    listOf(
      objectOf(
        present("selector", LABEL_SELECTOR),
        nonEmpty("allowedAnnotationKeyExprs", listOf(STRING)),
        nonEmpty("allowedLabelKeyExprs", listOf(STRING)),
      ),
    ),
  ),
);

function parseWhitelist(text: string): Result<readonly Rule[], string> {
  const parsed = parseJson(text);
  if (!parsed.ok) return err(`the white list is no JSON: ${parsed.error}`);
  // A null among patterns is a slip of the pen; as the empty pattern, which it would be for Go, it would allow every key.
  const [wrong] = shapeErrors(parsed.value, WHITELIST, "", "refused");
  if (wrong) return err(`the white list is malformed: ${wrong.field} ${wrong.detail}`);
  const whitelist = withoutNulls(parsed.value, WHITELIST);
  return ok(isJsonObject(whitelist) ? ((whitelist.rules ?? []) as readonly Rule[]) : []);
}

function parseJson(text: string): Result<Json, string> {
  try {
    return ok(JSON.parse(text) as Json);
  } catch (error) {
    return err((error as Error).message);
  }
}
