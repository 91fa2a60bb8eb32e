import type { Defaulting } from "../kube/defaulting.ts";
import { absent, all, each, ensured, unset, within } from "../kube/defaulting.ts";
import { effectiveTag } from "../kube/imageReference.ts";
import type { Json, JsonObject } from "../kube/object.ts";
import { isJsonObject } from "../kube/object.ts";
import { formatQuantity, parseQuantity, roundToMilli } from "../kube/quantity.ts";

/**
 * The SidecarSet with everything filled in that may be left out. We complete an object whenever we read it and never write the
 * result back, so that what is stored stays what the user wrote; hashes and revisions are taken of the completed form.
 * Expects an object whose fields have the right JSON types.
 */
export function withDefaults(sidecarSet: JsonObject): JsonObject {
  return ensured("spec", SPEC)(sidecarSet);
}

const API_VERSION = unset("apiVersion", "v1");
const FIELD_REF = within("fieldRef", API_VERSION);

const HTTP_GET = within("httpGet", unset("path", "/"), unset("scheme", "HTTP"));

/** Not for the startup probe: the original leaves it alone, and the difference is in the hashes. */
const PROBE = all(
  HTTP_GET,
  unset("timeoutSeconds", 1),
  unset("periodSeconds", 10),
  unset("successThreshold", 1),
  unset("failureThreshold", 3),
);

const pullPolicy: Defaulting = (container) => {
  const image = typeof container.image === "string" ? container.image : "";
  return unset("imagePullPolicy", effectiveTag(image) === "latest" ? "Always" : "IfNotPresent")(container);
};

const milliQuantities: Defaulting = (quantities) =>
  Object.fromEntries(Object.entries(quantities).map(([resource, quantity]) => [resource, atLeastMilli(quantity)]));

const CONTAINER = all(
  pullPolicy,
  unset("terminationMessagePath", "/dev/termination-log"),
  unset("terminationMessagePolicy", "File"),
  each("ports", unset("protocol", "TCP")),
  each("env", within("valueFrom", FIELD_REF)),
  within("resources", within("limits", milliQuantities), within("requests", milliQuantities)),
  within("livenessProbe", PROBE),
  within("readinessProbe", PROBE),
  within("lifecycle", within("postStart", HTTP_GET), within("preStop", HTTP_GET)),
  ensured("upgradeStrategy", unset("upgradeType", "ColdUpgrade")),
  ensured("shareVolumePolicy", unset("type", "disabled")),
  each("transferEnv", within("sourceContainerNameFrom", FIELD_REF)),
  within("resourcesPolicy", ensured("resourcesExpr")),
);

const MODE = absent("defaultMode", 0o644);

const emptyDirWithoutSource: Defaulting = (volume) => {
  const hasSource = Object.entries(volume).some(([field, source]) => field !== "name" && isJsonObject(source));
  return hasSource ? volume : { ...volume, emptyDir: {} };
};

const VOLUME = all(
  emptyDirWithoutSource,
  within("hostPath", absent("type", "")),
  within("secret", MODE),
  within("configMap", MODE),
  within("downwardAPI", MODE, each("items", FIELD_REF)),
  within(
    "projected",
    MODE,
    each(
      "sources",
      within("downwardAPI", each("items", FIELD_REF)),
      within("serviceAccountToken", absent("expirationSeconds", 3600)),
    ),
  ),
);

const SPEC = all(
  ensured("updateStrategy", unset("type", "RollingUpdate"), absent("maxUnavailable", 1), absent("partition", 0)),
  absent("revisionHistoryLimit", 10),
  each("patchPodMetadata", unset("patchPolicy", "Retain")),
  within("injectionStrategy", within("revision", unset("policy", "Always"))),
  each("initContainers", unset("podInjectPolicy", "AfterAppContainer"), CONTAINER),
  each("containers", unset("podInjectPolicy", "BeforeAppContainer"), CONTAINER),
  each("volumes", VOLUME),
);

/** Resources are counted in thousandths; what is finer is rounded up. */
function atLeastMilli(value: Json | undefined): Json {
  if (typeof value !== "string" && typeof value !== "number") return value ?? null;
  const quantity = parseQuantity(value);
  if (!quantity.ok) return value;
  const rounded = roundToMilli(quantity.value);
  return rounded === quantity.value ? value : formatQuantity(rounded);
}
