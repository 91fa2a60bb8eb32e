import { NODE_NAMESPACES } from "../../src/core/injection/injectionRules.ts";
import type { Json, JsonObject } from "../../src/core/kube/object.ts";

/** One value of the chart: values.yaml, its schema, the references and the defaults of all other manifests are made of these. */
export interface Value {
  /** `webhook.port` */
  readonly path: string;
  /** JSON Schema. */
  readonly schema: JsonObject;
  readonly default: Json;
  readonly description: string;
}

const TRUTH: JsonObject = { type: "boolean" };
const MAP: JsonObject = { type: "object" };
const LIST_OF_MAPS: JsonObject = { type: "array", items: { type: "object" } };
const TEXTS: JsonObject = { type: "object", additionalProperties: { type: "string" } };
const OBJECT_NAME: JsonObject = { type: "string", pattern: "^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$" };
const NAMESPACES: JsonObject = {
  type: "array",
  items: { type: "string", pattern: "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" },
};
const AUTO: JsonObject = { enum: ["auto", true, false] };

const whole = (minimum: number, maximum: number): JsonObject => ({ type: "integer", minimum, maximum });
const oneOf = (...words: readonly string[]): JsonObject => ({ enum: words });
/** What stands inside of a quoted text of a template. */
const matching = (pattern: string): JsonObject => ({ type: "string", pattern });

export const VALUES: readonly Value[] = [
  { path: "replicas", schema: whole(1, 20), default: 2, description: "managers; each serves the webhook, one leads" },
  {
    path: "image.repository",
    schema: matching('^[^\\s"\\\\@{}]+$'),
    default: "localhost/sidecarset",
    description: "where you have pushed the image; none is published",
  },
  {
    path: "image.tag",
    schema: matching("^[\\w.-]*$"),
    default: "",
    description: "left empty: the version of the chart's application",
  },
  {
    path: "image.digest",
    schema: matching("^(sha256:[0-9a-f]{64})?$"),
    default: "",
    description: "counts more than the tag",
  },
  {
    path: "image.pullPolicy",
    schema: oneOf("IfNotPresent", "Always", "Never"),
    default: "IfNotPresent",
    description: "when the image is pulled",
  },
  {
    path: "imagePullSecrets",
    schema: LIST_OF_MAPS,
    default: [],
    description: "Secrets of the namespace, as `[{name: …}]`",
  },
  { path: "crds.install", schema: TRUTH, default: true, description: "install the CRD of SidecarSets" },
  {
    path: "crds.keep",
    schema: TRUTH,
    default: true,
    description: "leave it, and with it every SidecarSet, at `helm uninstall`",
  },
  {
    path: "webhook.port",
    schema: whole(1, 65535),
    default: 9443,
    description: "port that the pods serve the webhook on",
  },
  {
    path: "webhook.defaultFailurePolicy",
    schema: oneOf("Fail", "Ignore"),
    default: "Fail",
    description: "for SidecarSets that do not say: whether a selected pod that cannot be injected is refused",
  },
  {
    path: "webhook.excludedNamespaces",
    schema: NAMESPACES,
    default: NODE_NAMESPACES as readonly string[],
    description: "their pods get no sidecars, nor do those of the release's namespace",
  },
  {
    path: "webhook.certificate.mode",
    schema: oneOf("self", "provided", "certManager"),
    default: "self",
    description: "`self`: made and renewed by the manager; `provided`: of a Secret; `certManager`: of a Certificate",
  },
  {
    path: "webhook.certificate.secretName",
    schema: OBJECT_NAME,
    default: "sidecarset-webhook-tls",
    description: "for `provided` and `certManager`: the Secret, with tls.crt, tls.key and ca.crt",
  },
  {
    path: "webhook.certificate.issuerRef",
    schema: MAP,
    default: {},
    description: "for `certManager`: the issuer, as `{name: …, kind: ClusterIssuer}`",
  },
  {
    path: "webhook.hostNetwork",
    schema: TRUTH,
    default: false,
    description: "for clusters whose API server does not reach pods; the namespace then has to allow it",
  },
  {
    path: "leaseDuration",
    schema: whole(2, 3600),
    default: 15,
    description: "seconds until another manager takes over from a leader that is silent",
  },
  {
    path: "shutdownDelay",
    schema: whole(0, 300),
    default: 5,
    description: "seconds for which a manager still serves when it is told to end",
  },
  { path: "log.level", schema: oneOf("debug", "info", "warn", "error"), default: "info", description: "least level" },
  { path: "log.format", schema: oneOf("json", "text"), default: "json", description: "for machines, or for people" },
  {
    path: "traces.endpoint",
    schema: matching('^(https?://[^\\s"\\\\{}]+)?$'),
    default: "",
    description: "OTLP collector for traces of rollouts, e.g. `http://collector:4318/v1/traces`",
  },
  {
    path: "serviceAccount.create",
    schema: TRUTH,
    default: true,
    description: "`false`: it is there already",
  },
  {
    path: "serviceAccount.name",
    schema: OBJECT_NAME,
    default: "sidecarset-manager",
    description: "account of the managers",
  },
  { path: "serviceAccount.annotations", schema: TEXTS, default: {}, description: "annotations of the account" },
  { path: "rbac.create", schema: TRUTH, default: true, description: "roles of the managers and their bindings" },
  {
    path: "rbac.aggregate",
    schema: TRUTH,
    default: true,
    description: "who may `view` or `edit` may do so with SidecarSets, and there is the role `sidecarset-operator`",
  },
  {
    path: "metrics.serviceMonitor.enabled",
    schema: AUTO,
    default: "auto",
    description: "for the Prometheus operator; `auto`: where its API is served",
  },
  {
    path: "metrics.serviceMonitor.interval",
    schema: matching("^\\d+[smh]$"),
    default: "30s",
    description: "how often",
  },
  { path: "metrics.serviceMonitor.labels", schema: TEXTS, default: {}, description: "labels by which it is found" },
  {
    path: "metrics.prometheusRule.enabled",
    schema: AUTO,
    default: "auto",
    description: "the alerts; `auto`: where the API of the Prometheus operator is served",
  },
  { path: "metrics.prometheusRule.labels", schema: TEXTS, default: {}, description: "labels by which they are found" },
  {
    path: "metrics.grafanaDashboard.enabled",
    schema: TRUTH,
    default: false,
    description: "the board, in a ConfigMap for Grafana's sidecar",
  },
  {
    path: "metrics.grafanaDashboard.labels",
    schema: TEXTS,
    default: { grafana_dashboard: "1" },
    description: "labels by which it is found",
  },
  { path: "networkPolicy.enabled", schema: TRUTH, default: true, description: "a NetworkPolicy for the managers" },
  {
    path: "networkPolicy.metricsNamespaces",
    schema: NAMESPACES,
    default: ["monitoring"],
    description: "from where metrics may be read",
  },
  {
    path: "networkPolicy.apiServerPorts",
    schema: { ...LIST_OF_MAPS, minItems: 1 },
    default: [
      { port: 443, protocol: "TCP" },
      { port: 6443, protocol: "TCP" },
    ],
    description: "ports of API servers, of their Service and behind it",
  },
  {
    path: "networkPolicy.extraEgress",
    schema: LIST_OF_MAPS,
    default: [],
    description: "more rules of a NetworkPolicy, for instance to the collector of traces",
  },
  { path: "podDisruptionBudget.enabled", schema: TRUTH, default: true, description: "a PodDisruptionBudget" },
  {
    path: "podDisruptionBudget.maxUnavailable",
    schema: whole(1, 20),
    default: 1,
    description: "managers that may be evicted at once",
  },
  {
    path: "flowControl.enabled",
    schema: TRUTH,
    default: true,
    description: "a FlowSchema and a PriorityLevelConfiguration: others cannot starve the managers, nor they others",
  },
  {
    path: "flowControl.shares",
    schema: whole(1, 1000),
    default: 20,
    description: "share of the API server's concurrent requests, of those of all priority levels",
  },
  {
    path: "priorityClassName",
    schema: { type: "string" },
    default: "system-cluster-critical",
    description: "managers go before others where there is no room; empty: none",
  },
  {
    path: "resources",
    schema: MAP,
    default: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    description: "of a manager",
  },
  { path: "nodeSelector", schema: TEXTS, default: {}, description: "of the managers' pods" },
  { path: "tolerations", schema: LIST_OF_MAPS, default: [], description: "of the managers' pods" },
  { path: "affinity", schema: MAP, default: {}, description: "of the managers' pods" },
  {
    path: "topologySpreadConstraints",
    schema: LIST_OF_MAPS,
    default: [],
    description: "in place of ours, which spread managers over zones and nodes as well as they can",
  },
  { path: "podLabels", schema: TEXTS, default: {}, description: "more labels of the managers' pods" },
  { path: "podAnnotations", schema: TEXTS, default: {}, description: "annotations of the managers' pods" },
  {
    path: "extraArgs",
    schema: { type: "array", items: { type: "string" } },
    default: [],
    description: "more flags of `sidecarset run`",
  },
  { path: "extraEnv", schema: LIST_OF_MAPS, default: [], description: "more environment variables of the managers" },
  { path: "extraObjects", schema: LIST_OF_MAPS, default: [], description: "more objects to install with it" },
  {
    path: "uninstall.unregister",
    schema: TRUTH,
    default: true,
    description: "before anything is removed, a Job takes the webhook away, so that no pod is refused",
  },
];

/** The values as a tree: defaults, and over them what is given. */
export function valuesOf(given: JsonObject = {}): JsonObject {
  const defaults = VALUES.map(({ path, default: initial }) => nested(path.split("."), initial) as JsonObject);
  return [...defaults, given].reduce(overlaid, {});
}

function nested([key, ...rest]: readonly string[], leaf: Json): Json {
  return key === undefined ? leaf : { [key]: nested(rest, leaf) };
}

/** As Helm does it: maps are merged, all else is replaced. */
function overlaid(below: JsonObject, above: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...(below as Record<string, Json>) };
  for (const [key, value] of Object.entries(above) as [string, Json][]) {
    const old = result[key];
    result[key] = isMap(old) && isMap(value) ? overlaid(old, value) : value;
  }
  return result;
}

function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
