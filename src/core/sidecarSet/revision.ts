import { encodeSorted } from "../kube/goJson.ts";
import { isTooDeep, TOO_DEEP } from "../kube/nesting.ts";
import type { ControllerRevision, Json, JsonObject } from "../kube/object.ts";
import { isJsonObject } from "../kube/object.ts";
import { fnv1, safeEncode } from "../kube/safeName.ts";
import { objectOf, present, shapeErrors, typedForm, withoutNulls } from "../kube/shape.ts";
import { oncePer } from "../oncePer.ts";
import { err, ok, type Result } from "../result.ts";
import {
  CUSTOM_VERSION_LABEL,
  GROUP,
  HASH_ANNOTATION,
  HASH_WITHOUT_IMAGE_ANNOTATION,
  REVISION_HASH_LABEL,
  SIDECAR_SET_KIND,
  SIDECAR_SET_NAME_LABEL,
} from "./annotations.ts";
import { sidecarSetHashes } from "./hash.ts";
import type { SidecarContainer, SidecarSet, SidecarSetSpec } from "./sidecarSet.ts";
import { IMAGE_PULL_SECRETS, PATCH_POD_METADATA_WITH_LABELS, SIDECARS, VOLUMES } from "./sidecarSetShape.ts";

/** What a revision records; selectors and strategies are not part of it, nor what pods may override. */
const RECORDED = {
  containers: SIDECARS,
  imagePullSecrets: IMAGE_PULL_SECRETS,
  initContainers: SIDECARS,
  patchPodMetadata: PATCH_POD_METADATA_WITH_LABELS,
  volumes: VOLUMES,
} as const;

/**
 * The ControllerRevision that records the present template, as the original would write it. Its name comes from its data, so
 * the same template gets the same name; `collisionCount` gives another one when that name is taken by other data. It has no
 * namespace: that is decided by where it is stored.
 */
export function revisionOf(
  set: SidecarSet,
  { revision, collisionCount }: { readonly revision: number; readonly collisionCount: number },
): ControllerRevision {
  const data = revisionData(set);
  const hash = safeEncode(String(fnv1(`${encodeSorted(data)}${collisionCount}`)));
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: `${set.name.slice(0, LONGEST_PREFIX)}-${hash}`,
      labels: {
        ...set.labels,
        [REVISION_HASH_LABEL]: hash,
        ...(set.spec.customVersion && { [CUSTOM_VERSION_LABEL]: set.spec.customVersion }),
        [SIDECAR_SET_NAME_LABEL]: set.name,
      },
      annotations: set.annotations,
      ownerReferences: [
        {
          apiVersion: `${GROUP}/v1beta1`,
          kind: SIDECAR_SET_KIND,
          name: set.name,
          uid: set.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    data,
    revision,
  };
}

const LONGEST_PREFIX = 223;

/** A strategic merge patch that replaces the whole spec. Parts that the set does not have are null, empty lists too. */
export function revisionData({ spec }: SidecarSet): JsonObject {
  return dataOnce(spec);
}

/** Every plan of a rollout asks for it. */
const dataOnce = oncePer((spec: SidecarSetSpec): JsonObject => {
  const recorded = Object.entries(RECORDED).map(([field, shape]): [string, Json] => {
    const list = spec[field as keyof typeof RECORDED] as unknown as readonly Json[] | undefined;
    return [field, list && list.length > 0 ? typedForm(list, shape) : null];
  });
  return { spec: { $patch: "replace", ...Object.fromEntries(recorded) } };
});

/**
 * The set with the template that a revision recorded: but for `podOverrides` nothing else is left in the spec, and no default is
 * filled in. Its hashes are those of the time it was recorded.
 * @returns an explanation when the revision's data is no such record
 */
export function restoreRevision(set: SidecarSet, revision: ControllerRevision): Result<SidecarSet, string> {
  const template = templateOnce(revision);
  if (!template.ok) return template;
  const restored = { ...set, spec: restoredSpec(template.value, set.spec) };
  const recorded = revision.metadata.annotations ?? {};
  return ok({
    ...restored,
    annotations: {
      ...set.annotations,
      // Only old revisions lack them, and a pod waits meanwhile: they are computed where they are missing.
      [HASH_ANNOTATION]: recorded[HASH_ANNOTATION] || sidecarSetHashes(restored).hash,
      [HASH_WITHOUT_IMAGE_ANNOTATION]:
        recorded[HASH_WITHOUT_IMAGE_ANNOTATION] || sidecarSetHashes(restored).hashWithoutImage,
    },
    status: { ...set.status, latestRevision: revision.metadata.name },
  });
}

/** Every new pod of a pinned set asks for it: read when first seen, and kept as long as the revision lives. */
function templateOnce(revision: ControllerRevision): Result<JsonObject, string> {
  const known = TEMPLATES.get(revision);
  if (known !== undefined) return known;
  const template = templateOf(revision);
  TEMPLATES.set(revision, template);
  return template;
}

const TEMPLATES = new WeakMap<ControllerRevision, Result<JsonObject, string>>();

function templateOf({ data }: ControllerRevision): Result<JsonObject, string> {
  const spec = isJsonObject(data) ? data.spec : undefined;
  if (!isJsonObject(spec)) return err("the revision's data has no spec");
  if (isTooDeep(spec)) return err(`data.spec: ${TOO_DEEP}`);
  const [wrong] = shapeErrors(spec, RECORDED_SPEC, "data.spec");
  return wrong ? err(`${wrong.field}: ${wrong.detail}`) : ok(withoutNulls(spec, RECORDED_SPEC) as JsonObject);
}

const RECORDED_SPEC = objectOf(...Object.entries(RECORDED).map(([field, shape]) => present(field, shape)));

function restoredSpec(recorded: JsonObject, live: SidecarSetSpec): SidecarSetSpec {
  const lists = recorded as unknown as Partial<Pick<SidecarSetSpec, keyof typeof RECORDED>>;
  return {
    selector: undefined,
    namespaceSelector: undefined,
    containers: lists.containers?.map((container) => completed(container, live.containers)),
    initContainers: lists.initContainers?.map((container) => completed(container, live.initContainers)),
    volumes: lists.volumes ?? [],
    imagePullSecrets: lists.imagePullSecrets ?? [],
    patchPodMetadata: (lists.patchPodMetadata ?? []).map((patch) => ({
      ...patch,
      annotations: patch.annotations ?? {},
      labels: patch.labels ?? {},
    })),
    updateStrategy: {
      type: "RollingUpdate",
      paused: false,
      selector: undefined,
      partition: 0,
      maxUnavailable: 1,
      maxUnavailablePerOwner: undefined,
      priorityStrategy: undefined,
      scatterStrategy: [],
      progressDeadlineSeconds: 600,
    },
    injectionStrategy: { paused: false, revision: undefined, failurePolicy: undefined, order: 0, optOut: "Allow" },
    revisionHistoryLimit: 10,
    customVersion: undefined,
  };
}

/** Old records may lack the objects that the type promises. What pods may override is up to the live set. */
function completed(container: SidecarContainer, live: readonly SidecarContainer[] = []): SidecarContainer {
  const podOverrides = live.find(({ name }) => name === container.name)?.podOverrides;
  return Object.assign({ upgradeStrategy: {}, shareVolumePolicy: {} }, container, podOverrides && { podOverrides });
}
