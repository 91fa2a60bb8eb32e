import type { JsonPatch, JsonPatchOperation } from "../kube/jsonPatch.ts";
import type { Json } from "../kube/object.ts";
import type { Container, Pod } from "../kube/pod.ts";
import { oncePer } from "../oncePer.ts";
import { readBookkeeping } from "../pod/bookkeeping.ts";
import type { Annotations, PatchedMetadata } from "../pod/metadataPatches.ts";
import { requestedOverrides } from "../pod/podOverrides.ts";
import { formatTime } from "../pod/recordJson.ts";
import { err, ok, type Result } from "../result.ts";
import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { STOP_SWITCHES, type Stop, stopText } from "../sidecarSet/stopSwitches.ts";
import { refusalText, strayOverrides } from "./applyOverrides.ts";
import {
  type BuildContext,
  type BuiltContainer,
  type BuiltSidecarSet,
  baseNames,
  buildSidecarSet,
  injectedNames,
} from "./buildSidecarSet.ts";
import { type ChosenRevision, chooseRevision } from "./chooseRevision.ts";
import { earlierContainers, isInjected } from "./earlierContainers.ts";
import type { Injection, InjectionInput, InjectionOutcome } from "./injection.ts";
import { type InjectionError, type InjectionReason, injectionReason, rejectionText } from "./injectionReason.ts";
import { type MatchedSidecarSets, matchSidecarSets } from "./matchSidecarSets.ts";
import { mergePullSecrets } from "./mergePullSecrets.ts";
import { mergeVolumes } from "./mergeVolumes.ts";
import { nameConflict } from "./nameConflict.ts";
import { patchPodMetadata } from "./patchPodMetadata.ts";
import { placeContainers, sortedByName } from "./placeContainers.ts";
import {
  appendOperations,
  containerOperations,
  mapOperations,
  mergedListOperations,
  sharedOperations,
} from "./podPatch.ts";
import { injectionRecords } from "./recordInjection.ts";
import type { SourcePod } from "./sourcePod.ts";

/**
 * Puts the sidecars of all SidecarSets that select a new pod into it. Running it again on the result changes nothing.
 * @returns the patch with the reason for every SidecarSet, or why the pod is refused
 */
export function injectPod(input: InjectionInput): Result<Injection, InjectionError> {
  if (isInactive(input.pod)) return ok({ patch: [], outcomes: [], warnings: [] });
  const reason = outOfQuestion(input);
  if (reason) return ok({ patch: [], outcomes: input.sidecarSets.map(({ name }) => skip(name, reason)), warnings: [] });
  const matched = matchSidecarSets(input.sidecarSets, candidateOf(input));
  if (input.injectionStopped && matched.selected.length > 0) return ok(stopped(input.injectionStopped, matched));
  return injectTolerant(input, matched);
}

/** The pod passes as it is, and its creator is told once. */
function stopped(stop: Stop, { selected, skipped }: MatchedSidecarSets): Injection {
  const reason = injectionReason(
    "injectionStopped",
    `injection is ${stopText(stop)} by the ConfigMap ${STOP_SWITCHES} of the manager's namespace`,
  );
  const names = selected.map(({ name }) => name);
  return {
    patch: [],
    outcomes: [...names.map((name) => skip(name, reason)), ...skipped],
    warnings: [`${reason.message}: the pod starts without the sidecars of ${names.join(", ")} (${reason.code})`],
  };
}

/** A set that cannot be injected and whose failure policy is Ignore is left out, as if it had not selected the pod. */
function injectTolerant(input: InjectionInput, matched: MatchedSidecarSets): Result<Injection, InjectionError> {
  const injection = injectAll(input, matched.selected);
  if (injection.ok) {
    const { patch, outcomes, warnings, workings } = injection.value;
    return ok({
      patch,
      outcomes: [...outcomes, ...matched.skipped],
      warnings: [...matched.warnings, ...warnings],
      workings,
    });
  }
  const { sidecarSet, reason } = injection.error;
  const failing = matched.selected.find(({ name }) => name === sidecarSet);
  if ((failing?.spec.injectionStrategy.failurePolicy ?? input.defaultFailurePolicy) !== "Ignore") return injection;
  return injectTolerant(input, {
    selected: matched.selected.filter((set) => set !== failing),
    skipped: [...matched.skipped, skip(sidecarSet, reason)],
    warnings: [...matched.warnings, rejectionText(injection.error)],
  });
}

function injectAll(input: InjectionInput, selected: readonly SidecarSet[]): Result<Injection, InjectionError> {
  const { pod } = input;
  const split = splitOf(input);
  const chosen = allOf(selected, (set) => chooseRevision(set, input.revisions, split));
  if (!chosen.ok) return chosen;
  const incoming = { annotations: pod.metadata.annotations ?? {}, labels: pod.metadata.labels ?? {} };
  const before = readBookkeeping(incoming.annotations);
  const recordedBefore = before.hash.entries;
  const earlier = earlierContainers(pod, chosen.value, recordedBefore);
  const conflict = nameConflict(pod, earlier, chosen.value);
  if (conflict) return err(conflict);

  // What a set has given already is not given twice: a merge into its own result could change it once more.
  const missing = chosen.value.filter((revision) => !isInjected(revision, earlier, recordedBefore));
  const metadata = patchPodMetadata(incoming, missing);
  if (!metadata.ok) return metadata;
  const isPatched = metadata.value.annotations !== incoming.annotations;
  const records = isPatched ? readBookkeeping(metadata.value.annotations) : before;
  const context = buildContext(input, sourcePod(pod, metadata.value, earlier), chosen.value);
  const built = allOf(missing, (revision) => buildSidecarSet(revision, context));
  if (!built.ok) return built;
  const outcomes = chosen.value.map(injected);
  const workings = { chosen: chosen.value, built: built.value, context };
  if (built.value.every(isEmpty)) {
    const patch = metadataOperations(pod, metadata.value, {});
    return ok({ patch, outcomes, warnings: [], workings });
  }
  const volumes = mergeVolumes(pod.spec.volumes ?? [], built.value);
  const recorded = injectionRecords(built.value, records, formatTime(input.now));
  const patch = [
    ...metadataOperations(pod, metadata.value, recorded),
    ...placedContainers(input, built.value, selected),
    ...appendOperations("volumes", pod.spec.volumes, volumes.added as readonly Json[]),
    ...pullSecrets(pod, chosen.value),
  ];
  const warnings = [
    ...unreadable(records),
    ...volumes.warnings,
    ...built.value.flatMap((set) => set.warnings),
    ...refusedStrays(context, chosen.value),
  ];
  return ok({ patch, outcomes, warnings, workings });
}

/** The first failure, or the values of all. */
function allOf<T, V, E>(items: readonly T[], step: (item: T) => Result<V, E>): Result<readonly V[], E> {
  const values: V[] = [];
  for (const item of items) {
    const result = step(item);
    if (!result.ok) return result;
    values.push(result.value);
  }
  return ok(values);
}

function sourcePod({ spec }: Pod, metadata: PatchedMetadata, earlier: ReadonlySet<Container>): SourcePod {
  const { containers, initContainers } = spec;
  const { labels, annotations } = metadata;
  if (earlier.size === 0) return { containers, initContainers: initContainers ?? [], labels, annotations };
  const isIncoming = (container: Container) => !earlier.has(container);
  return {
    containers: containers.filter(isIncoming),
    initContainers: (initContainers ?? []).filter(isIncoming),
    labels,
    annotations,
  };
}

/** What no set has patched stays out of the comparison: pods have many annotations. */
function metadataOperations({ metadata }: Pod, patched: PatchedMetadata, recorded: Annotations): JsonPatch {
  const ofAnnotations =
    patched.annotations === metadata.annotations
      ? sharedOperations(metadata.annotations, recorded)
      : mapOperations("annotations", metadata.annotations, { ...patched.annotations, ...recorded });
  if (patched.labels === metadata.labels) return ofAnnotations;
  return [...ofAnnotations, ...mapOperations("labels", metadata.labels, patched.labels)];
}

function buildContext(
  { compilePattern }: InjectionInput,
  pod: SourcePod,
  chosen: readonly ChosenRevision[],
): BuildContext {
  const sidecarNames = chosen.length === 1 ? allNames(chosen[0]!.set) : chosen.flatMap(({ set }) => allNames(set));
  return { pod, compilePattern, sidecarNames, overrides: requestedOverrides(pod.annotations) };
}

const allNames = oncePer((set: SidecarSet): readonly string[] => [...baseNames(set), ...injectedNames(set)]);

function refusedStrays({ overrides }: BuildContext, chosen: readonly ChosenRevision[]): readonly string[] {
  if (overrides.length === 0) return [];
  return strayOverrides(overrides, new Set(chosen.flatMap(({ set }) => baseNames(set)))).map(refusalText);
}

/** Among sets of the same `order` init containers always run in the order of their names; the others only on request. */
function placedContainers(
  { pod, sortContainersByName }: InjectionInput,
  built: readonly BuiltSidecarSet[],
  selected: readonly SidecarSet[],
): JsonPatch {
  const initContainers = sortedByName(allIn(built, "initContainers"), selected);
  const inSetOrder = allIn(built, "containers");
  const containers = sortContainersByName ? sortedByName(inSetOrder, selected) : inSetOrder;
  return [
    ...placedIn("initContainers", pod.spec.initContainers, initContainers),
    ...placedIn("containers", pod.spec.containers, containers),
  ];
}

type ContainerList = "containers" | "initContainers";

function allIn(built: readonly BuiltSidecarSet[], list: ContainerList): readonly BuiltContainer[] {
  return built.length === 1 ? built[0]![list] : built.flatMap((set) => set[list]);
}

function placedIn(
  list: ContainerList,
  incoming: readonly Container[] | undefined,
  built: readonly BuiltContainer[],
): JsonPatch {
  return built.length === 0 ? [] : containerOperations(list, incoming, placeContainers(incoming ?? [], built));
}

function pullSecrets({ spec }: Pod, chosen: readonly ChosenRevision[]): readonly JsonPatchOperation[] {
  const added = chosen.flatMap(({ set }) => set.spec.imagePullSecrets);
  if (added.length === 0 && !spec.imagePullSecrets?.length) return [];
  return mergedListOperations(
    "imagePullSecrets",
    spec.imagePullSecrets,
    mergePullSecrets(spec.imagePullSecrets ?? [], added),
  );
}

function candidateOf({ pod, requestNamespace, namespaceLabels }: InjectionInput) {
  const { labels, annotations } = pod.metadata;
  const namespace = namespaceOf(pod, requestNamespace);
  return { labels: labels ?? {}, annotations: annotations ?? {}, namespace, namespaceLabels };
}

function splitOf({ pod, requestNamespace, identity, carried }: InjectionInput) {
  return { pod, identity: `${namespaceOf(pod, requestNamespace)}/${identity}`, carried };
}

function namespaceOf(pod: Pod, requestNamespace: string): string {
  return pod.metadata.namespace || requestNamespace || "default";
}

/** Why no SidecarSet at all may touch the pod. */
function outOfQuestion(input: InjectionInput): InjectionReason | undefined {
  const namespace = namespaceOf(input.pod, input.requestNamespace);
  if (isMirror(input.pod)) {
    return injectionReason("staticPod", "the pod mirrors a static pod of its node, which the API cannot change");
  }
  if (!input.excludedNamespaces?.includes(namespace)) return undefined;
  return injectionReason("namespaceExcluded", `namespace ${namespace} is one of those that are never injected`);
}

function isInactive({ metadata, status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed" || Boolean(metadata.deletionTimestamp);
}

/** The kubelet runs such a pod from a file; what stands in the API is only its image. */
function isMirror({ metadata }: Pod): boolean {
  return metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined;
}

function skip(sidecarSet: string, reason: InjectionReason): InjectionOutcome {
  return { kind: "skipped", sidecarSet, reason };
}

function isEmpty({ initContainers, containers }: BuiltSidecarSet): boolean {
  return initContainers.length === 0 && containers.length === 0;
}

function injected({ set, otherRevision }: ChosenRevision): InjectionOutcome {
  const outcome = { kind: "injected", sidecarSet: set.name, containers: injectedNames(set) } as const;
  return otherRevision ? { ...outcome, otherRevision } : outcome;
}

/** Broken records do not keep a pod from running; they are mended by what is written now. */
function unreadable({ hash, hashWithoutImage }: ReturnType<typeof readBookkeeping>): readonly string[] {
  return [hash, hashWithoutImage].flatMap(({ form, trouble }) =>
    form === "unreadable" ? [`the pod's sidecar records could not be read (${trouble[0]}) and were written anew`] : [],
  );
}
