import { jsonEqual } from "../kube/jsonPatch.ts";
import { isJsonList, isJsonObject, type Json, type JsonObject } from "../kube/object.ts";
import { err, type FieldError, ok, type Result } from "../result.ts";
import { CUSTOM_VERSION_LABEL, GROUP } from "../sidecarSet/annotations.ts";
import type { SidecarSetVersion } from "../sidecarSet/convertSidecarSet.ts";
import { withDefaults } from "../sidecarSet/defaults.ts";
import { parseSidecarSet } from "../sidecarSet/parseSidecarSet.ts";
import { revisionData } from "../sidecarSet/revision.ts";
import type { LabelSelector, SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { hashDifference } from "./hashDifference.ts";
import { convertAndCompare } from "./lostFields.ts";
import { type MigrationFinding, migrationFinding } from "./migrationFinding.ts";
import { ownMeanings } from "./ownMeanings.ts";

/** A stored SidecarSet as OpenKruise has to find it. */
export interface GivenBack {
  /** In OpenKruise's form of that version, with every default written; undefined: it stands like this already. */
  readonly object: JsonObject | undefined;
  /** What is rewritten, what is lost, and what is in the way. */
  readonly findings: readonly MigrationFinding[];
}

/**
 * Rewrites what OpenKruise's schema would drop or its reading would take for something else, so that the object selects the same pods
 * and its newest revision is the one that is recorded already. Its status stays as it is.
 * @param raw as the API server hands it out, in either version
 * @param to the version in which OpenKruise stores
 */
export function givenBack(raw: JsonObject, to: SidecarSetVersion = "v1beta1"): Result<GivenBack, FieldError[]> {
  const ours = parseSidecarSet(raw);
  if (!ours.ok) return err(ours.error);
  const conversion = convertAndCompare(asConverted(withoutStatus(raw)), to);
  if (!conversion.ok) return err(conversion.error);
  const object = rewritten(raw, withDefaults(conversion.value.sidecarSet), to);
  const theirs = parseSidecarSet(object);
  if (!theirs.ok) return err(theirs.error);
  const set = ours.value;
  const isSame = raw.apiVersion === object.apiVersion && isEqual(raw, object);
  return ok({
    object: isSame ? undefined : object,
    findings: [
      ...selection(set, theirs.value),
      ...meanings(set),
      ...conversion.value.lost.map(({ field }) =>
        migrationFinding("fieldLost", set.name, `${field} is lost: OpenKruise has no such field`),
      ),
      ...revision(set, theirs.value),
      ...hashes(set),
      ...(isSame ? [] : [migrationFinding("rewritten", set.name, `is rewritten: ${changesOf(raw, to).join(", ")}`)]),
    ],
  });
}

/** By these steps OpenKruise's conversion reads v1alpha1; our own storage may hold its words under either version. */
function asConverted(raw: JsonObject): JsonObject {
  const spec = isJsonObject(raw.spec) ? raw.spec : {};
  const isLabelled = labelsOf(raw)[CUSTOM_VERSION_LABEL] !== undefined;
  return {
    ...raw,
    spec: { ...spec, ...starredScatter(spec) },
    ...(isLabelled && { apiVersion: `${GROUP}/v1alpha1` }),
  };
}

/** A term with a key alone means every value; OpenKruise reads an absent value as an empty one, and says it with a star. */
function starredScatter({ updateStrategy }: JsonObject): JsonObject {
  if (!isJsonObject(updateStrategy) || !isJsonList(updateStrategy.scatterStrategy)) return {};
  const scatterStrategy = updateStrategy.scatterStrategy.map((term) =>
    isJsonObject(term) && (term.value ?? null) === null ? { ...term, value: "*" } : term,
  );
  return { updateStrategy: { ...updateStrategy, scatterStrategy } };
}

function isEqual(left: JsonObject, right: JsonObject): boolean {
  return jsonEqual(left.spec ?? {}, right.spec ?? {}) && jsonEqual(labelsOf(left), labelsOf(right));
}

function withoutStatus({ status: _, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** Identity, version and owners stay those of the stored object. */
function rewritten(raw: JsonObject, converted: JsonObject, version: SidecarSetVersion): JsonObject {
  const { labels: _, ...metadata } = isJsonObject(raw.metadata) ? raw.metadata : {};
  const labels = labelsOf(converted);
  return {
    apiVersion: `${GROUP}/${version}`,
    kind: "SidecarSet",
    metadata: { ...metadata, ...(Object.keys(labels).length > 0 && { labels }) },
    spec: converted.spec ?? {},
    ...(raw.status !== undefined && { status: raw.status }),
  };
}

function labelsOf({ metadata }: JsonObject): JsonObject {
  return isJsonObject(metadata) && isJsonObject(metadata.labels) ? metadata.labels : {};
}

function selection(ours: SidecarSet, theirs: SidecarSet): readonly MigrationFinding[] {
  return (["selector", "namespaceSelector"] as const)
    .filter((field) => !selectsAlike(ours.spec[field], theirs.spec[field]))
    .map((field) => migrationFinding("matchesOtherPods", ours.name, `spec.${field} would select other pods`));
}

/** An empty selector selects all pods of its namespaces here; there none is injected, and all of them are counted and upgraded. */
function meanings(set: SidecarSet): readonly MigrationFinding[] {
  return ownMeanings(set.spec)
    .filter(({ field }) => !field.startsWith("spec.updateStrategy.scatterStrategy"))
    .map(({ field, openKruise }) =>
      field === "spec.selector"
        ? migrationFinding(
            "matchesOtherPods",
            set.name,
            `${field} is empty: OpenKruise would inject none of the pods that it selects here; name a label that they have`,
          )
        : migrationFinding("otherMeaning", set.name, `${field}: OpenKruise ${openKruise}; change it first`),
    );
}

/** What a revision records of the fields that are lost makes another one; the hashes, and so the pods, stay. */
function revision(ours: SidecarSet, theirs: SidecarSet): readonly MigrationFinding[] {
  if (jsonEqual(revisionData(ours), revisionData(theirs))) return [];
  const message = "gets a new revision, because what is lost stands in the present one; pods keep their hash";
  return [migrationFinding("fieldLost", ours.name, message)];
}

/** Whoever edits such a set makes its pods outdated, and rewriting is an edit. */
function hashes(set: SidecarSet): readonly MigrationFinding[] {
  const difference = hashDifference(set);
  if (!difference?.stored) return [];
  return [
    migrationFinding("hashDiffers", set.name, `${difference.annotation} changes: its pods count as outdated then`),
  ];
}

/** In the words of those who will look for it in the diff. */
function changesOf(raw: JsonObject, to: SidecarSetVersion): readonly string[] {
  const spec = isJsonObject(raw.spec) ? raw.spec : {};
  const isLabelled = labelsOf(raw)[CUSTOM_VERSION_LABEL] !== undefined;
  return [
    ...(spec.namespace && to === "v1beta1" ? ["spec.namespace becomes spec.namespaceSelector"] : []),
    ...(isLabelled && to === "v1beta1" ? [`label ${CUSTOM_VERSION_LABEL} becomes spec.customVersion`] : []),
    ...(spec.customVersion && to === "v1alpha1" ? [`spec.customVersion becomes label ${CUSTOM_VERSION_LABEL}`] : []),
    ...("updateStrategy" in starredScatter(spec) &&
    !jsonEqual(starredScatter(spec).updateStrategy ?? null, spec.updateStrategy ?? null)
      ? ['scatter terms with a key alone get the value "*"']
      : []),
    "defaults are written out",
  ];
}

/** Empty lists say the same as absent ones; an absent selector does not say the same as an empty one. */
function selectsAlike(left: LabelSelector | undefined, right: LabelSelector | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return jsonEqual(written(left), written(right));
}

function written({ matchLabels = {}, matchExpressions = [] }: LabelSelector): Json {
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => ({ key, operator, values }));
  return { matchLabels, matchExpressions: expressions };
}
