import { injectedNames } from "../../src/core/injection/buildSidecarSet.ts";
import { matchSidecarSets } from "../../src/core/injection/matchSidecarSets.ts";
import { compileSelector, isEmptySelector, type LabelSelector } from "../../src/core/kube/labelSelector.ts";
import type { Json, JsonObject, Namespace } from "../../src/core/kube/object.ts";
import { isJsonList, isJsonObject } from "../../src/core/kube/object.ts";
import type { Pod } from "../../src/core/kube/pod.ts";
import { selectorsOverlap } from "../../src/core/kube/selectorOverlap.ts";
import type { Result } from "../../src/core/result.ts";
import { HASH_WITHOUT_IMAGE_ANNOTATION } from "../../src/core/sidecarSet/annotations.ts";
import { parseSidecarSet } from "../../src/core/sidecarSet/parseSidecarSet.ts";
import { ENVIRONMENT_DEVIATIONS } from "./environmentDeviations.ts";
import type { GoldenCase } from "./goldenCase.ts";
import { METADATA_DEVIATIONS } from "./metadataDeviations.ts";
import { ROLLOUT_DEVIATIONS } from "./rolloutDeviations.ts";

/** Something we do differently on purpose. Each has a row in docs/reference/differences.md under its id. */
export interface Deviation {
  readonly id: string;
  readonly corpora: readonly string[];
  /** What we do instead, in one line. */
  readonly rule: string;
  /** Which cases it concerns: those of a quirk, or those whose input satisfies a condition; never named cases. */
  readonly quirk?: string;
  readonly concerns?: (input: JsonObject) => boolean;
  /** No recorded case shows it yet; a test beside the code does. */
  readonly unrecorded?: true;
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
    concerns: ({ expr }) => /^[0-9]+(?![mkMGTP]$)[a-z]+$/.test(textOf(expr)),
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
      /[0-9]{17,}/.test(textOf(expr)) || (/^[0-9]+E$/.test(textOf(value)) && /[*/]/.test(textOf(expr))),
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
  {
    id: "namespace-checked",
    corpora: ["validation"],
    rule: "a v1alpha1 namespace must be a valid name and must not contradict a namespaceSelector next to it",
    quirk: "alpha-namespace-wins",
  },
  {
    id: "defaults-at-reading",
    corpora: ["validation"],
    rule: "what may be left out is filled in whenever a SidecarSet is read, so its absence is never an error",
    concerns: ({ skipDefaulting }) => skipDefaulting === true,
  },
  {
    id: "fields-without-meaning",
    corpora: ["validation"],
    rule: "values without meaning in upgradeType, shareVolumeDevicePolicy, targetContainersMode, patchPolicy and transferEnv are refused where they are new",
    quirk: "unchecked-fields",
  },
  {
    id: "init-container-policies",
    corpora: ["validation"],
    rule: "the policies and transferEnv of init containers are checked like those of containers, where they are new",
    quirk: "init-policies-unchecked",
  },
  {
    id: "startup-probe-completed",
    corpora: ["validation"],
    rule: "a startup probe may leave out what Kubernetes fills in",
    quirk: "startup-probe-not-defaulted",
  },
  {
    id: "selector-with-partition",
    corpora: ["validation"],
    rule: "updateStrategy.selector and partition may stand together: the partition is taken of the selected pods",
    concerns: (input) => hasSelectorAndPartition(input),
  },
  {
    id: "strategy-always-checked",
    corpora: ["validation"],
    rule: "updateStrategy is checked for every type, and an unknown type is refused, where it is new",
    quirk: "not-update-unchecked",
  },
  {
    id: "one-space-of-names",
    corpora: ["validation"],
    rule: "names of init containers and containers of different SidecarSets must not clash in a pod, where the clash is new",
    quirk: "init-and-container-names-not-compared",
  },
  {
    id: "hot-pair-names",
    corpora: ["validation"],
    rule: "the names of a hot-upgrade pair must not clash with those of other SidecarSets, where the clash is new",
    quirk: "hot-pair-names-not-compared",
  },
  {
    id: "pairs-have-room",
    corpora: ["validation"],
    rule: "the two names of a new hot-upgrade pair must be valid, and no other container of the set may have one of them",
    concerns: ({ sidecarSet, oldSidecarSet }) => !oldSidecarSet && hasPairWithoutRoom(sidecarSet as JsonObject),
    unrecorded: true,
  },
  {
    id: "own-revisions-only",
    corpora: ["validation"],
    rule: "a pinned revision must belong to the SidecarSet",
    quirk: "revision-name-of-other-set",
  },
  {
    id: "canary-beside-base",
    corpora: ["validation"],
    rule: "a base SidecarSet can be changed while it has a canary",
    quirk: "base-update-conflicts-with-canary",
  },
  {
    id: "exact-overlap",
    corpora: ["validation"],
    rule: "two selectors conflict exactly when a pod can match both",
    concerns: ({ sidecarSet, existing }) => isOverlapMisjudged(sidecarSet as JsonObject, existing),
    unrecorded: true,
  },
  {
    id: "native-sidecars-roll",
    corpora: ["validation"],
    rule: "a SidecarSet with native sidecars may have updateStrategy.type RollingUpdate",
    concerns: ({ sidecarSet }) => isRollingNativeSidecar(sidecarSet as JsonObject),
    unrecorded: true,
  },
  {
    id: "all-pods-of-namespaces",
    corpora: ["validation"],
    rule: "selector: {} means all pods where a namespaceSelector names the namespaces",
    concerns: ({ sidecarSet }) => isBoundedEmptySelector(sidecarSet as JsonObject),
    unrecorded: true,
  },
  ...METADATA_DEVIATIONS,
  ...ENVIRONMENT_DEVIATIONS,
  {
    id: "what-clusters-accept",
    corpora: ["validation"],
    rule: "names of variables, lengths of sleep actions and an init container called test are refused only where the API server would",
    concerns: ({ sidecarSet }) => isRefusedInTheStandInPod(sidecarSet as JsonObject),
    unrecorded: true,
  },
  ...ROLLOUT_DEVIATIONS,
];

const MIXES_QUANTITIES = /\b(?:cpu|memory)\s*\*\s*(?:cpu|memory)\b|\/\s*(?:cpu|memory)\b/;
/** Negative with the plain number 1 for the variable. */
const NEGATIVE_FOR_SMALL_AMOUNTS = /^(?:cpu|memory)\s*-\s*(?:[2-9]|[0-9]{2,})$/;

function specOf(sidecarSet: JsonObject) {
  return (sidecarSet.spec ?? {}) as {
    readonly selector?: LabelSelector | null;
    readonly namespaceSelector?: LabelSelector | null;
    readonly initContainers?: readonly { readonly restartPolicy?: string }[];
    readonly updateStrategy?: { type?: string; selector?: JsonObject | null; partition?: number | string };
  };
}

function rolls(sidecarSet: JsonObject): boolean {
  return (specOf(sidecarSet).updateStrategy?.type || "RollingUpdate") === "RollingUpdate";
}

function hasSelectorAndPartition({ sidecarSet }: JsonObject): boolean {
  const { selector, partition = 0 } = specOf(sidecarSet as JsonObject).updateStrategy ?? {};
  const isHeldBack = typeof partition === "number" ? partition > 0 : /^[0-9]+%$/.test(partition);
  return rolls(sidecarSet as JsonObject) && Boolean(selector) && isHeldBack;
}

function isRollingNativeSidecar(sidecarSet: JsonObject): boolean {
  const { initContainers = [] } = specOf(sidecarSet);
  return rolls(sidecarSet) && initContainers.some(({ restartPolicy }) => restartPolicy === "Always");
}

function isBoundedEmptySelector(sidecarSet: JsonObject): boolean {
  const { selector, namespaceSelector } = specOf(sidecarSet);
  return Boolean(selector && namespaceSelector) && isEmptySelector(selector!) && !isEmptySelector(namespaceSelector!);
}

function isOverlapMisjudged(sidecarSet: JsonObject, existing: Json | undefined): boolean {
  const others = (existing ?? []) as readonly JsonObject[];
  return others.some((other) => {
    const [ours, theirs] = [specOf(sidecarSet).selector, specOf(other).selector];
    const [left, right] = [compileSelector(ours ?? {}), compileSelector(theirs ?? {})];
    if (!ours || !theirs || !left.ok || !right.ok) return false;
    const called = !provesDisjoint(ours, theirs) && !provesDisjoint(theirs, ours);
    return called !== selectorsOverlap(left.value, right.value);
  });
}

/** The original's test, for which a key that only one side asks to exist proves that no pod matches both. */
function provesDisjoint(one: LabelSelector, other: LabelSelector): boolean {
  const table = new Map(Object.entries(one.matchLabels ?? {}).map(([key, value]) => [key, [value]]));
  for (const { key, operator, values = [] } of one.matchExpressions ?? []) {
    if (operator === "In") table.set(key, [...(table.get(key) ?? []), ...values]);
    if (operator === "Exists") table.set(key, ["ALL"]);
  }
  const lacks = (key: string, wanted: readonly string[]) => {
    const known = table.get(key);
    return known !== undefined && !known.includes("ALL") && !wanted.some((value) => known.includes(value));
  };
  if (Object.entries(other.matchLabels ?? {}).some(([key, value]) => lacks(key, [value]))) return true;
  return (other.matchExpressions ?? []).some(({ key, operator, values = [] }) => {
    if (operator === "In") return lacks(key, values);
    if (operator === "NotIn") return table.get(key)?.every((value) => values.includes(value)) ?? false;
    return operator === "Exists" ? !table.has(key) : table.has(key);
  });
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

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
  return (input as unknown as RecordedInjection).sidecarSets.flatMap(sidecarsOf);
}

function sidecarsOf({ spec }: JsonObject): readonly JsonObject[] {
  const { containers, initContainers } = isJsonObject(spec) ? spec : {};
  return [initContainers, containers].filter(isJsonList).flat().filter(isJsonObject);
}

function hasPairWithoutRoom(sidecarSet: JsonObject): boolean {
  const names = sidecarsOf(sidecarSet).map(({ name }) => textOf(name));
  const { containers } = isJsonObject(sidecarSet.spec) ? sidecarSet.spec : {};
  const regular = isJsonList(containers) ? containers.filter(isJsonObject) : [];
  const pairs = regular.filter(
    ({ upgradeStrategy: strategy }) => isJsonObject(strategy) && strategy.upgradeType === "HotUpgrade",
  );
  return pairs.some(({ name }) => {
    const base = textOf(name);
    return base.length === 62 || base.length === 63 || names.includes(`${base}-1`) || names.includes(`${base}-2`);
  });
}

/** The original judges containers in a pod of 30 s grace, with variables as in a shell, and with a container `test` if it has none. */
function isRefusedInTheStandInPod(sidecarSet: JsonObject): boolean {
  const needsContainer = sidecarsOf({ spec: { ...(sidecarSet.spec as JsonObject), initContainers: [] } }).length === 0;
  return sidecarsOf(sidecarSet).some(({ name, env, lifecycle }) => {
    const variables = isJsonList(env) ? env.filter(isJsonObject).map((variable) => textOf(variable.name)) : [];
    const hooks = Object.values((lifecycle ?? {}) as Record<string, { sleep?: { seconds?: number } } | undefined>);
    return (
      (needsContainer && name === "test") ||
      variables.some(isNoShellVariable) ||
      hooks.some((hook) => hook?.sleep && isRefusedSleep(hook.sleep.seconds ?? 0))
    );
  });
}

function isRefusedSleep(seconds: number): boolean {
  return seconds === 0 || seconds > 30;
}

function isNoShellVariable(name: string): boolean {
  return /^[ -<>-~]+$/.test(name) && !/^(?!\.$|\.\.)[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name);
}

/** Where no resource policy refuses the pod anyway. */
function hasContainerOfASelectingSet(input: JsonObject): boolean {
  const { pod, requestNamespace, namespaces, sidecarSets } = input as unknown as RecordedInjection;
  const namespace = pod.metadata.namespace || requestNamespace;
  const found = namespaces.find(({ metadata }) => metadata.name === namespace);
  const sets = sidecarSets.flatMap((raw) => valuesOf(parseSidecarSet(raw)));
  const labels = pod.metadata.labels ?? {};
  const candidate = { labels, annotations: {}, namespace, namespaceLabels: found?.metadata.labels };
  const { selected } = matchSidecarSets(sets, candidate);
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
