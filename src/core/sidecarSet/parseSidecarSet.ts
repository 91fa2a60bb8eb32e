import { tooDeepErrors } from "../kube/nesting.ts";
import type { JsonObject } from "../kube/object.ts";
import { isJsonObject } from "../kube/object.ts";
import { shapeErrors, withoutNulls } from "../kube/shape.ts";
import type { FieldError, Result } from "../result.ts";
import { err, ok } from "../result.ts";
import { CUSTOM_VERSION_LABEL, GROUP, NAMESPACE_NAME_LABEL, SIDECAR_SET_KIND } from "./annotations.ts";
import { withDefaults } from "./defaults.ts";
import type {
  InjectionStrategy,
  LabelSelector,
  PatchPodMetadata,
  SidecarSet,
  SidecarSetSpec,
  UpdateStrategy,
} from "./sidecarSet.ts";
import { EITHER_VERSION } from "./sidecarSetShape.ts";
import { readStatus } from "./sidecarSetStatus.ts";
import { writtenBy } from "./writtenBy.ts";

/**
 * Reads a SidecarSet of either API version, whoever stored it: fields of both versions are understood in both. Defaults are
 * filled in. An object is refused only when a field has the wrong JSON type, because nothing sensible can be read from it;
 * whether the values make sense is for `validateSidecarSet`.
 */
export function parseSidecarSet(raw: unknown): Result<SidecarSet, FieldError[]> {
  const errors = readingErrors(raw);
  if (errors.length > 0) return err(errors);
  return ok(sidecarSetOf(withDefaults(withoutNulls(raw as JsonObject, EITHER_VERSION) as JsonObject)));
}

/** Why an object cannot be read as a SidecarSet: wrong kind, or fields of the wrong JSON type. */
export function readingErrors(raw: unknown): FieldError[] {
  if (!isJsonObject(raw)) {
    return [{ field: "", type: "FieldValueTypeInvalid", detail: "a SidecarSet object is expected", value: raw }];
  }
  const tooDeep = tooDeepErrors(raw);
  return tooDeep.length > 0 ? tooDeep : [...kindErrors(raw), ...shapeErrors(raw, EITHER_VERSION, "")];
}

function kindErrors({ apiVersion, kind }: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  if (kind !== undefined && kind !== SIDECAR_SET_KIND) {
    errors.push({
      field: "kind",
      type: "FieldValueNotSupported",
      detail: `${SIDECAR_SET_KIND} is expected`,
      value: kind,
    });
  }
  if (apiVersion !== undefined && !VERSIONS.includes(apiVersion)) {
    const detail = `${VERSIONS.join(" or ")} is expected`;
    errors.push({ field: "apiVersion", type: "FieldValueNotSupported", detail, value: apiVersion });
  }
  return errors;
}

const VERSIONS: readonly unknown[] = [`${GROUP}/v1beta1`, `${GROUP}/v1alpha1`];

/** The raw object after the shape check and defaults, so that the types below hold but for unions of texts. */
interface Checked {
  readonly metadata?: {
    readonly name?: string | null;
    readonly uid?: string | null;
    readonly resourceVersion?: string | null;
    readonly generation?: number | null;
    readonly creationTimestamp?: string | null;
    readonly deletionTimestamp?: string | null;
    readonly labels?: Readonly<Record<string, string>> | null;
    readonly annotations?: Readonly<Record<string, string>> | null;
    readonly managedFields?: readonly JsonObject[] | null;
  };
  readonly spec: CheckedSpec;
  readonly status?: JsonObject | null;
}

type CheckedSpec = {
  readonly [field in keyof SidecarSetSpec]?: SidecarSetSpec[field] | null;
} & { readonly namespace?: string | null };

function sidecarSetOf(raw: JsonObject): SidecarSet {
  const { metadata = {}, spec, status } = raw as unknown as Checked;
  const { [CUSTOM_VERSION_LABEL]: versionLabel, ...labels } = metadata.labels ?? {};
  return {
    name: metadata.name ?? "",
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    generation: metadata.generation ?? 0,
    createdAt: metadata.creationTimestamp ? Date.parse(metadata.creationTimestamp) : undefined,
    deleting: Boolean(metadata.deletionTimestamp),
    labels,
    annotations: metadata.annotations ?? {},
    writtenBy: writtenBy(metadata.managedFields ?? []),
    spec: specOf(spec, versionLabel),
    status: readStatus(status ?? {}),
  };
}

function specOf(spec: CheckedSpec, versionLabel: string | undefined): SidecarSetSpec {
  return {
    selector: spec.selector ?? undefined,
    namespaceSelector: namespaceSelectorOf(spec),
    containers: spec.containers ?? undefined,
    initContainers: spec.initContainers ?? undefined,
    volumes: spec.volumes ?? [],
    imagePullSecrets: spec.imagePullSecrets ?? [],
    patchPodMetadata: (spec.patchPodMetadata ?? []).map(patchOf),
    updateStrategy: updateStrategyOf(spec.updateStrategy ?? {}),
    injectionStrategy: injectionStrategyOf(spec.injectionStrategy ?? {}),
    revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
    customVersion: spec.customVersion || versionLabel || undefined,
  };
}

/** v1alpha1's single namespace wins over a selector next to it. */
function namespaceSelectorOf({ namespace, namespaceSelector }: CheckedSpec): LabelSelector | undefined {
  return namespace ? { matchLabels: { [NAMESPACE_NAME_LABEL]: namespace } } : (namespaceSelector ?? undefined);
}

function patchOf(patch: PatchPodMetadata): PatchPodMetadata {
  return { ...patch, annotations: patch.annotations ?? {}, labels: patch.labels ?? {} };
}

/** Any other type than NotUpdate rolls. */
function updateStrategyOf(strategy: Partial<UpdateStrategy>): UpdateStrategy {
  return {
    type: strategy.type === "NotUpdate" ? "NotUpdate" : "RollingUpdate",
    paused: strategy.paused ?? false,
    selector: strategy.selector ?? undefined,
    partition: strategy.partition ?? 0,
    maxUnavailable: strategy.maxUnavailable ?? 1,
    maxUnavailablePerOwner: strategy.maxUnavailablePerOwner ?? undefined,
    priorityStrategy: strategy.priorityStrategy ?? undefined,
    scatterStrategy: strategy.scatterStrategy ?? [],
    progressDeadlineSeconds: strategy.progressDeadlineSeconds ?? 600,
  };
}

function injectionStrategyOf(strategy: Partial<InjectionStrategy>): InjectionStrategy {
  const revision = strategy.revision ?? undefined;
  return {
    paused: strategy.paused ?? false,
    revision: revision && {
      ...(revision.customVersion != null && { customVersion: revision.customVersion }),
      ...(revision.revisionName != null && { revisionName: revision.revisionName }),
      policy: revision.policy === "Partial" || revision.policy === "FollowPartition" ? revision.policy : "Always",
    },
    failurePolicy: strategy.failurePolicy ?? undefined,
    order: strategy.order ?? 0,
    optOut: strategy.optOut === "Deny" ? "Deny" : "Allow",
  };
}
