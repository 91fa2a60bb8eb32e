import { CONTAINER_FIELDS, FIELD_REF } from "../kube/containerShape.ts";
import { LABEL_SELECTOR, OBJECT_META } from "../kube/metadataShape.ts";
import type { Field, Shape } from "../kube/shape.ts";
import {
  always,
  BOOLEAN,
  INT_OR_STRING,
  INT32,
  INT64,
  listOf,
  mapOf,
  nonEmpty,
  objectOf,
  present,
  STRING,
} from "../kube/shape.ts";
import { VOLUME } from "../kube/volumeShape.ts";
import * as declared from "./generated/declaredFields.ts";

// The types of apps.kruise.io. The form that the original writes, hashes and records has none of our additions; what we read is what
// the CustomResourceDefinition declares.

const TRANSFER_ENV = objectOf(
  nonEmpty("sourceContainerName", STRING),
  present("sourceContainerNameFrom", objectOf(present("fieldRef", FIELD_REF))),
  nonEmpty("envName", STRING),
  nonEmpty("envNames", listOf(STRING)),
);

const RESOURCE_EXPRESSIONS = objectOf(nonEmpty("cpu", STRING), nonEmpty("memory", STRING));

const RESOURCES_POLICY = objectOf(
  always("targetContainersMode", STRING),
  nonEmpty("targetContainersNameRegex", STRING),
  always("resourcesExpr", objectOf(present("limits", RESOURCE_EXPRESSIONS), present("requests", RESOURCE_EXPRESSIONS))),
);

const SIDECAR_FIELDS: readonly Field[] = [
  ...CONTAINER_FIELDS,
  nonEmpty("podInjectPolicy", STRING),
  always("upgradeStrategy", objectOf(nonEmpty("upgradeType", STRING), nonEmpty("hotUpgradeEmptyImage", STRING))),
  always("shareVolumePolicy", objectOf(nonEmpty("type", STRING))),
  present("shareVolumeDevicePolicy", objectOf(nonEmpty("type", STRING))),
  nonEmpty("transferEnv", listOf(TRANSFER_ENV)),
  present("resourcesPolicy", RESOURCES_POLICY),
];

const UPDATE_STRATEGY_FIELDS: readonly Field[] = [
  nonEmpty("type", STRING),
  nonEmpty("paused", BOOLEAN),
  present("selector", LABEL_SELECTOR),
  present("partition", INT_OR_STRING),
  present("maxUnavailable", INT_OR_STRING),
  present(
    "priorityStrategy",
    objectOf(
      nonEmpty("orderPriority", listOf(objectOf(always("orderedKey", STRING)))),
      nonEmpty("weightPriority", listOf(objectOf(always("weight", INT32), always("matchSelector", LABEL_SELECTOR)))),
    ),
  ),
  nonEmpty("scatterStrategy", listOf(objectOf(always("key", STRING), always("value", STRING)))),
];

const INJECTION_STRATEGY_FIELDS: readonly Field[] = [
  nonEmpty("paused", BOOLEAN),
  present(
    "revision",
    objectOf(present("customVersion", STRING), present("revisionName", STRING), nonEmpty("policy", STRING)),
  ),
];

const PATCH_POD_METADATA_FIELDS: readonly Field[] = [
  nonEmpty("annotations", mapOf(STRING, "annotation keys to values")),
  nonEmpty("patchPolicy", STRING),
];

export const SIDECAR = objectOf(...SIDECAR_FIELDS);
export const SIDECARS = listOf(SIDECAR);
export const VOLUMES = listOf(VOLUME);
export const IMAGE_PULL_SECRETS = listOf(objectOf(nonEmpty("name", STRING)));
const PATCH_POD_METADATA = listOf(objectOf(...PATCH_POD_METADATA_FIELDS));
/** Also in revisions, which without labels keep the form of the original. */
export const PATCH_POD_METADATA_WITH_LABELS = listOf(
  objectOf(...PATCH_POD_METADATA_FIELDS, nonEmpty("labels", mapOf(STRING, "label keys to values"))),
);

const SPEC_OF_BOTH: readonly Field[] = [
  nonEmpty("initContainers", SIDECARS),
  nonEmpty("containers", SIDECARS),
  nonEmpty("volumes", VOLUMES),
  always("updateStrategy", objectOf(...UPDATE_STRATEGY_FIELDS)),
  always("injectionStrategy", objectOf(...INJECTION_STRATEGY_FIELDS)),
  nonEmpty("imagePullSecrets", IMAGE_PULL_SECRETS),
  present("revisionHistoryLimit", INT32),
  nonEmpty("patchPodMetadata", PATCH_POD_METADATA),
];

const SELECTOR = present("selector", LABEL_SELECTOR);
const NAMESPACE = nonEmpty("namespace", STRING);
const NAMESPACE_SELECTOR = present("namespaceSelector", LABEL_SELECTOR);
const CUSTOM_VERSION = nonEmpty("customVersion", STRING);

const STATUS = objectOf(
  nonEmpty("observedGeneration", INT64),
  always("matchedPods", INT32),
  always("updatedPods", INT32),
  always("readyPods", INT32),
  nonEmpty("updatedReadyPods", INT32),
  nonEmpty("latestRevision", STRING),
  present("collisionCount", INT32),
);

const sidecarSetOf = (spec: Shape, status: Shape) =>
  objectOf(
    nonEmpty("kind", STRING),
    nonEmpty("apiVersion", STRING),
    always("metadata", OBJECT_META),
    always("spec", spec),
    always("status", status),
  );

export const V1ALPHA1 = sidecarSetOf(objectOf(SELECTOR, NAMESPACE, NAMESPACE_SELECTOR, ...SPEC_OF_BOTH), STATUS);
export const V1BETA1 = sidecarSetOf(objectOf(SELECTOR, NAMESPACE_SELECTOR, ...SPEC_OF_BOTH, CUSTOM_VERSION), STATUS);

/** What we read: either version may carry the fields of both, and ours. */
export const EITHER_VERSION = sidecarSetOf(declared.SPEC, declared.STATUS);
