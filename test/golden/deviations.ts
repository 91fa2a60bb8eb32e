import { injectedNames } from "../../src/core/injection/buildSidecarSet.ts";
import { matchSidecarSets } from "../../src/core/injection/matchSidecarSets.ts";
import type { Json, JsonObject, Namespace } from "../../src/core/kube/object.ts";
import { isJsonList, isJsonObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import type { Result } from "../../src/core/result.ts";
import { HASH_WITHOUT_IMAGE_ANNOTATION } from "../../src/core/sidecarSet/annotations.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import type { GoldenCase } from "./goldenCase.ts";

/** Something we do differently on purpose. Each has a row in docs/reference/differences.md under its id. */
export interface Deviation {
  readonly id: string;
  readonly corpora: readonly string[];
  /** What we do instead, in one line. */
  readonly rule: string;
  /** Which cases it concerns: those of a quirk, or those whose input satisfies a condition; never named cases. */
  readonly quirk?: string;
  readonly concerns?: (input: JsonObject) => boolean;
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    id: "empty-source-name",
    corpora: ["defaulting"],
    rule: "a transferEnv entry with sourceContainerNameFrom: {} is read and refused by validation, it does not crash",
    quirk: "transfer-env-empty-name-from-panics",
  },
  {
    id: "malformed-number",
    corpora: ["resource-expression"],
    rule: "a number followed by letters that are no unit (1x, 12e) is refused, it does not count as 0",
    quirk: "expression-number-scan",
    concerns: ({ expr }) => /^[0-9]+(?![mkMGTP]$)[a-z]+$/.test(String(expr)),
  },
  {
    id: "expressions-by-grammar",
    corpora: ["resource-expression", "validation"],
    rule: "validation refuses products of two quantities and division by one, and allows what is negative only for small amounts",
    concerns: (input) =>
      expressionsIn(input).some((text) => MIXES_QUANTITIES.test(text) || NEGATIVE_FOR_SMALL_AMOUNTS.test(text)),
  },
  {
    id: "large-amounts",
    corpora: ["resource-expression"],
    rule: "amounts beyond 64 bits of thousandths are computed exactly, plain numbers beyond them refused; none turns into 0 or negative",
    concerns: ({ expr, value }) =>
      /[0-9]{17,}/.test(String(expr)) || (/^[0-9]+E$/.test(String(value)) && /[*/]/.test(String(expr))),
  },
  {
    id: "memory-in-whole-bytes",
    corpora: ["resource-expression"],
    rule: "computed memory is rounded up to whole bytes",
    quirk: "fractional-memory-in-milli",
  },
  {
    id: "variable-by-field",
    corpora: ["resource-expression"],
    rule: "the field decides which variable an expression knows, cpu or memory, not the words in its text",
    quirk: "variable-by-name-not-field",
  },
  {
    id: "unknown-aggregation-mode",
    corpora: ["resource-expression"],
    rule: "a targetContainersMode other than sum and max is an error, it does not count as no resources",
    quirk: "unknown-mode-is-empty",
  },
  {
    id: "same-name-kept",
    corpora: ["injection"],
    rule: "a container of the pod that has a sidecar's name is never replaced: the pod is refused",
    concerns: (input) => hasContainerOfASelectingSet(input),
  },
  {
    id: "broken-records-tolerated",
    corpora: ["injection"],
    rule: "hash annotations that cannot be read do not deny a pod: what can be read is kept, with a warning",
    concerns: (input) => isListText(annotationsOf(input)[HASH_WITHOUT_IMAGE_ANNOTATION]),
  },
  {
    id: "defaults-at-injection",
    corpora: ["injection"],
    rule: "a SidecarSet that was stored without defaults is injected with them",
    concerns: (input) => allSidecars(input).some(({ imagePullPolicy }) => imagePullPolicy === undefined),
  },
];

const MIXES_QUANTITIES = /\b(?:cpu|memory)\s*\*\s*(?:cpu|memory)\b|\/\s*(?:cpu|memory)\b/;
/** Negative with the plain number 1 for the variable. */
const NEGATIVE_FOR_SMALL_AMOUNTS = /^(?:cpu|memory)\s*-\s*(?:[2-9]|[0-9]{2,})$/;

/** The resource expressions of a case, wherever they stand. */
function expressionsIn(value: Json | undefined): readonly string[] {
  if (isJsonList(value)) return value.flatMap(expressionsIn);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    typeof member === "string" && /^(?:expr|cpu|memory)$/.test(key) ? [member] : expressionsIn(member),
  );
}

interface RecordedInjection {
  readonly pod: Pod;
  readonly requestNamespace: string;
  readonly namespaces: readonly Namespace[];
  readonly sidecarSets: readonly JsonObject[];
}

function allSidecars(input: JsonObject): readonly JsonObject[] {
  return (input as unknown as RecordedInjection).sidecarSets.flatMap(({ spec }) => {
    const { containers, initContainers } = spec as Partial<Record<"containers" | "initContainers", JsonObject[]>>;
    return [...(initContainers ?? []), ...(containers ?? [])];
  });
}

/** Where no resource policy refuses the pod anyway. */
function hasContainerOfASelectingSet(input: JsonObject): boolean {
  const { pod, requestNamespace, namespaces, sidecarSets } = input as unknown as RecordedInjection;
  const namespace = pod.metadata.namespace || requestNamespace;
  const found = namespaces.find(({ metadata }) => metadata.name === namespace);
  const sets = sidecarSets.flatMap((raw) => valuesOf(parseSidecarSet(raw)));
  const labels = pod.metadata.labels ?? {};
  const { selected } = matchSidecarSets(sets, { labels, namespace, namespaceLabels: found?.metadata.labels });
  const names = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ name }) => name);
  const patterns = selected.flatMap(({ spec }) =>
    [...(spec.initContainers ?? []), ...(spec.containers ?? [])].flatMap(
      ({ resourcesPolicy }) => resourcesPolicy?.targetContainersNameRegex ?? [],
    ),
  );
  const refused = () => patterns.some((pattern) => !names.some((name) => new RegExp(pattern).test(name)));
  return selected.flatMap(injectedNames).some((name) => names.includes(name)) && !refused();
}

function valuesOf<T>(result: Result<T, unknown>): readonly T[] {
  return result.ok ? [result.value] : [];
}

function annotationsOf(input: JsonObject): Readonly<Record<string, string>> {
  return (input as unknown as RecordedInjection).pod.metadata.annotations ?? {};
}

function isListText(text: string | undefined): boolean {
  return text !== undefined && isJsonList(JSON.parse(text));
}

export function deviationOf(corpus: string, testCase: GoldenCase): Deviation | undefined {
  return DEVIATIONS.find(
    ({ corpora, quirk, concerns }) =>
      corpora.includes(corpus) &&
      (quirk === undefined || quirk === testCase.quirk) &&
      (concerns === undefined || concerns(testCase.input)),
  );
}
