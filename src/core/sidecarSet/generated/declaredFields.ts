// Generated from deploy/crd.yaml by `npm run generate`; changes here are lost.

import { CONTAINER_FIELDS } from "../../kube/containerShape.ts";
import { LABEL_SELECTOR } from "../../kube/metadataShape.ts";
import {
  ANY,
  always,
  BOOLEAN,
  INT_OR_STRING,
  INT32,
  INT64,
  listOf,
  mapOf,
  objectOf,
  present,
  STRING,
  TIME,
} from "../../kube/shape.ts";
import { VOLUME } from "../../kube/volumeShape.ts";

const BUDGET = objectOf(present("limit", INT32), present("used", INT32));

const CONDITION = objectOf(
  present("lastTransitionTime", TIME),
  present("message", STRING),
  present("observedGeneration", INT64),
  present("reason", STRING),
  always("status", STRING),
  always("type", STRING),
);

const WAITING = objectOf(present("code", STRING), present("count", INT32), present("examples", listOf(STRING)));

export const STATUS = objectOf(
  present("budget", BUDGET),
  present("collisionCount", INT32),
  present("conditions", listOf(CONDITION)),
  present("driftedPods", INT32),
  present("failedPods", INT32),
  present("heldPods", INT32),
  present("history", listOf(ANY)),
  present("latestRevision", STRING),
  always("matchedPods", INT32),
  present("observedGeneration", INT64),
  always("readyPods", INT32),
  present("rollout", ANY),
  present("selectedPods", INT32),
  present("stuckPods", INT32),
  always("updatedPods", INT32),
  present("updatedReadyPods", INT32),
  present("waiting", listOf(WAITING)),
);

const LIMITS = objectOf(present("cpu", STRING), present("memory", STRING));

const REQUESTS = objectOf(present("cpu", STRING), present("memory", STRING));

const RESOURCES_EXPR = objectOf(present("limits", LIMITS), present("requests", REQUESTS));

const RESOURCES_POLICY = objectOf(
  always("resourcesExpr", RESOURCES_EXPR),
  always("targetContainersMode", STRING),
  present("targetContainersNameRegex", STRING),
);

const SHARE_VOLUME_DEVICE_POLICY = objectOf(present("type", STRING));

const SHARE_VOLUME_POLICY = objectOf(present("type", STRING));

const FIELD_REF = objectOf(present("apiVersion", STRING), always("fieldPath", STRING));

const SOURCE_CONTAINER_NAME_FROM = objectOf(present("fieldRef", FIELD_REF));

const TRANSFER_ENV = objectOf(
  present("envName", STRING),
  present("envNames", listOf(STRING)),
  present("sourceContainerName", STRING),
  present("sourceContainerNameFrom", SOURCE_CONTAINER_NAME_FROM),
);

const UPGRADE_STRATEGY = objectOf(present("hotUpgradeEmptyImage", STRING), present("upgradeType", STRING));

const SIDECAR = objectOf(
  ...CONTAINER_FIELDS,
  present("podInjectPolicy", STRING),
  present("podOverrides", listOf(STRING)),
  present("resourcesPolicy", RESOURCES_POLICY),
  present("shareVolumeDevicePolicy", SHARE_VOLUME_DEVICE_POLICY),
  present("shareVolumePolicy", SHARE_VOLUME_POLICY),
  present("transferEnv", listOf(TRANSFER_ENV)),
  present("upgradeStrategy", UPGRADE_STRATEGY),
);

const IMAGE_PULL_SECRET = objectOf(present("name", STRING));

const REVISION = objectOf(present("customVersion", STRING), present("policy", STRING), present("revisionName", STRING));

const INJECTION_STRATEGY = objectOf(
  present("engine", STRING),
  present("failurePolicy", STRING),
  present("optOut", STRING),
  present("order", INT32),
  present("paused", BOOLEAN),
  present("repair", STRING),
  present("revision", REVISION),
);

const PATCH_POD_METADATA = objectOf(
  present("annotations", mapOf(STRING, "annotation keys to values")),
  present("labels", mapOf(STRING, "label keys to values")),
  present("patchPolicy", STRING),
);

const IMAGE_PRE_PULL = objectOf(present("parallelism", INT32));

const ON_FAILURE = objectOf(always("action", STRING), present("maxFailed", INT_OR_STRING));

const ORDER_PRIORITY = objectOf(always("orderedKey", STRING));

const WEIGHT_PRIORITY = objectOf(always("matchSelector", LABEL_SELECTOR), always("weight", INT32));

const PRIORITY_STRATEGY = objectOf(
  present("orderPriority", listOf(ORDER_PRIORITY)),
  present("weightPriority", listOf(WEIGHT_PRIORITY)),
);

const SCATTER_STRATEGY = objectOf(always("key", STRING), present("value", STRING));

const PAUSE = objectOf(present("seconds", INT32));

const STEP = objectOf(
  present("partition", INT_OR_STRING),
  present("pause", PAUSE),
  present("selector", LABEL_SELECTOR),
);

const UPDATE_STRATEGY = objectOf(
  present("imagePrePull", IMAGE_PRE_PULL),
  present("maxUnavailable", INT_OR_STRING),
  present("maxUnavailablePerOwner", INT_OR_STRING),
  present("minReadySeconds", INT32),
  present("nonImageChange", STRING),
  present("onFailure", ON_FAILURE),
  present("partition", INT_OR_STRING),
  present("paused", BOOLEAN),
  present("podGates", listOf(STRING)),
  present("priorityStrategy", PRIORITY_STRATEGY),
  present("progressDeadlineSeconds", INT32),
  present("resourceChange", STRING),
  present("scatterStrategy", listOf(SCATTER_STRATEGY)),
  present("selector", LABEL_SELECTOR),
  present("steps", listOf(STEP)),
  present("type", STRING),
);

export const SPEC = objectOf(
  present("containers", listOf(SIDECAR)),
  present("customVersion", STRING),
  present("imagePullSecrets", listOf(IMAGE_PULL_SECRET)),
  present("initContainers", listOf(SIDECAR)),
  present("injectionStrategy", INJECTION_STRATEGY),
  present("namespace", STRING),
  present("namespaceSelector", LABEL_SELECTOR),
  present("patchPodMetadata", listOf(PATCH_POD_METADATA)),
  present("revisionHistoryLimit", INT32),
  present("selector", LABEL_SELECTOR),
  present("updateStrategy", UPDATE_STRATEGY),
  present("volumes", listOf(VOLUME)),
);
