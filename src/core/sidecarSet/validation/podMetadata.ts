import { duplicate, forbidden, required } from "../../kube/fieldErrors.ts";
import { compileSelector, type LabelSelector } from "../../kube/labelSelector.ts";
import { LABEL_SELECTOR } from "../../kube/metadataShape.ts";
import { isJsonObject, type Json } from "../../kube/object.ts";
import type { CompilePattern } from "../../kube/pattern.ts";
import { listOf, nonEmpty, objectOf, present, STRING, shapeErrors } from "../../kube/shape.ts";
import { err, type FieldError, ok, type Result } from "../../result.ts";
import { CONFIGURATION_CONFIG_MAP, METADATA_WHITELIST_KEY } from "../annotations.ts";
import type { SidecarSet } from "../sidecarSet.ts";
import { annotationErrors } from "./metadata.ts";
import type { MetadataRules } from "./proposal.ts";

const PATH = "spec.patchPodMetadata";

/** Annotations for pods: each key once, and only those that the installation lets SidecarSets write. */
export function podMetadataErrors(set: SidecarSet, rules: MetadataRules, compilePattern: CompilePattern): FieldError[] {
  const patches = set.spec.patchPodMetadata;
  if (patches.length === 0) return [];
  const keys = patches.flatMap(({ annotations }, index) =>
    Object.keys(annotations).map((key) => ({ key, field: `${PATH}[${index}].annotations[${key}]` })),
  );
  return [
    ...patches.flatMap(({ annotations }, index) => {
      const path = `${PATH}[${index}].annotations`;
      if (Object.keys(annotations).length === 0) return required(path, "name the annotations to write");
      return annotationErrors(annotations, path);
    }),
    ...keys.flatMap(({ key, field }, index) =>
      keys.slice(0, index).some((earlier) => earlier.key === key)
        ? duplicate(field, key, "another entry writes this key")
        : [],
    ),
    ...permissionErrors(set, keys, allowedKeys(set, rules, compilePattern)),
  ];
}

type KeyTest = (key: string) => boolean;

function permissionErrors(
  set: SidecarSet,
  keys: readonly { readonly key: string; readonly field: string }[],
  allowed: Result<KeyTest, string>,
): FieldError[] {
  if (!allowed.ok) return forbidden(PATH, allowed.error);
  return keys
    .filter(({ key }) => !allowed.value(key))
    .flatMap(({ field }) => forbidden(field, `the white list for ${set.name} does not allow this key; ${WHERE}`));
}

const WHERE = `see ${METADATA_WHITELIST_KEY} in the ConfigMap ${CONFIGURATION_CONFIG_MAP}`;

/** The keys that the rules of the white list allow for this set; without any rule the default decides. */
function allowedKeys(set: SidecarSet, rules: MetadataRules, compilePattern: CompilePattern): Result<KeyTest, string> {
  const parsed = rules.whitelist === undefined ? ok([]) : parseWhitelist(rules.whitelist);
  if (!parsed.ok) return parsed;
  const tests: KeyTest[] = [];
  for (const [index, { selector, allowedAnnotationKeyExprs = [] }] of parsed.value.entries()) {
    const compiled = compileSelector(selector ?? {});
    if (!compiled.ok)
      return err(`rule ${index} of the white list: ${compiled.error[0]?.field} ${compiled.error[0]?.detail}`);
    if (!compiled.value.matches(set.labels)) continue;
    for (const pattern of allowedAnnotationKeyExprs) {
      const test = compilePattern(pattern);
      if (!test.ok)
        return err(`rule ${index} of the white list: ${JSON.stringify(pattern)} is no pattern: ${test.error}`);
      tests.push(test.value);
    }
  }
  if (tests.length > 0) return ok((key) => tests.some((test) => test(key)));
  return rules.allowedByDefault
    ? ok(() => true)
    : err(`no annotation may be written unless a white list allows it; ${WHERE}`);
}

interface WhitelistRule {
  readonly selector?: LabelSelector | null;
  readonly allowedAnnotationKeyExprs?: readonly string[];
}

const WHITELIST = objectOf(
  nonEmpty(
    "rules",
    listOf(objectOf(present("selector", LABEL_SELECTOR), nonEmpty("allowedAnnotationKeyExprs", listOf(STRING)))),
  ),
);

function parseWhitelist(text: string): Result<readonly WhitelistRule[], string> {
  const parsed = parseJson(text);
  if (!parsed.ok) return err(`the white list is no JSON: ${parsed.error}`);
  const [wrong] = shapeErrors(parsed.value, WHITELIST, "");
  if (wrong) return err(`the white list is malformed: ${wrong.field} ${wrong.detail}`);
  return ok(isJsonObject(parsed.value) ? ((parsed.value.rules ?? []) as readonly WhitelistRule[]) : []);
}

function parseJson(text: string): Result<Json, string> {
  try {
    return ok(JSON.parse(text) as Json);
  } catch (error) {
    return err((error as Error).message);
  }
}
