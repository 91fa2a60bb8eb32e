import { NODE_NAMESPACES } from "../../core/injection/injectionRules.ts";

/** One setting of `sidecarset run`: a flag, and a field of the configuration file. */
export interface Setting {
  /** In the file. The flag is the same word with dashes: `logLevel`, `--log-level`. */
  readonly key: string;
  /** What the flag takes; absent: the flag alone means true. */
  readonly takes?: string;
  readonly kind: "text" | "number" | "list" | "switch";
  readonly description: string;
  readonly default?: string | number | readonly string[];
  /** For a default that depends on other settings. */
  readonly defaultText?: string;
}

/** In the order of `--help`. The reference of the configuration is held to this list. */
export const SETTINGS: readonly Setting[] = [
  {
    key: "kubeconfig",
    takes: "file",
    kind: "text",
    description: "cluster to manage",
    defaultText: "the service account of the pod it runs in",
  },
  {
    key: "context",
    takes: "name",
    kind: "text",
    description: "context of the kubeconfig",
    defaultText: "its current one",
  },
  {
    key: "controller",
    kind: "switch",
    description: "run the rollout controller, which takes part in the election of the leader",
    defaultText: "both, unless one of --controller and --webhook is given",
  },
  {
    key: "webhook",
    kind: "switch",
    description: "run the admission webhook",
    defaultText: "both, unless one of --controller and --webhook is given",
  },
  {
    key: "observe",
    kind: "switch",
    description:
      "write nothing: compare what we would do with what OpenKruise's manager does, and report it at the end",
    defaultText: "we manage the cluster, once OpenKruise's manager has ended",
  },
  {
    key: "port",
    takes: "port",
    kind: "number",
    description: "port of the webhook; 0 takes a free one",
    default: 9443,
  },
  {
    key: "listen",
    takes: "address",
    kind: "text",
    description: "address that the webhook and the health port listen on",
    default: "0.0.0.0",
  },
  {
    key: "healthPort",
    takes: "port",
    kind: "number",
    description: "port of health and metrics over plain HTTP, for kubelets and Prometheus; 0 takes a free one",
    defaultText: "none beside the webhook, which serves them too; 8080 without the webhook",
  },
  {
    key: "webhookUrl",
    takes: "url",
    kind: "text",
    description: "register the webhook by URL, for a manager outside the cluster, e.g. https://127.0.0.1:9443",
    defaultText: "by the Service",
  },
  {
    key: "service",
    takes: "name",
    kind: "text",
    description: "register the webhook by this Service of the system namespace",
    default: "sidecarset-webhook",
  },
  {
    key: "certificateSecret",
    takes: "name",
    kind: "text",
    description:
      "serve the certificate of this Secret of the system namespace (tls.crt, tls.key, ca.crt), never written",
    defaultText: "a certificate of our own, renewed by the leader",
  },
  {
    key: "certificateDir",
    takes: "folder",
    kind: "text",
    description:
      "serve the certificate of the files tls.crt, tls.key and ca.crt in this folder, read again when they change",
    defaultText: "a certificate of our own, renewed by the leader",
  },
  {
    key: "injectCaFrom",
    takes: "certificate",
    kind: "text",
    description: "leave the registered authority to cert-manager's CA injector, from this Certificate (NAMESPACE/NAME)",
    defaultText: "we register the authority",
  },
  {
    key: "systemNamespace",
    takes: "name",
    kind: "text",
    description: "namespace of revisions, of the Lease and of the manager itself",
    default: "kruise-system",
  },
  {
    key: "excludedNamespaces",
    takes: "names",
    kind: "list",
    description: "their pods get no sidecars, nor do those of the system namespace; comma list",
    default: NODE_NAMESPACES,
  },
  {
    key: "defaultFailurePolicy",
    takes: "policy",
    kind: "text",
    description: "for SidecarSets that do not say: whether a pod that cannot be injected is refused (Fail, Ignore)",
    default: "Fail",
  },
  {
    key: "leaseDuration",
    takes: "seconds",
    kind: "number",
    description: "another manager takes over when the leader has not been heard of for so long",
    default: 15,
  },
  {
    key: "shutdownDelay",
    takes: "seconds",
    kind: "number",
    description: "how long the webhook still serves, not ready any more, when it is told to end",
    defaultText: "5; 0 with --webhook-url",
  },
  {
    key: "tracesEndpoint",
    takes: "url",
    kind: "text",
    description: "send a trace of each rollout to this OTLP collector over HTTP, e.g. http://127.0.0.1:4318/v1/traces",
    defaultText:
      "where OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT says; without them none is sent",
  },
  {
    key: "logLevel",
    takes: "level",
    kind: "text",
    description: "least important lines to print (debug, info, warn, error)",
    default: "info",
  },
  {
    key: "logFormat",
    takes: "format",
    kind: "text",
    description: "json for machines, text for people (coloured on a terminal)",
    default: "json",
  },
];

/** `logLevel` → `--log-level`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** What stands in `--help` and in the reference. */
export function defaultOf(setting: Setting): string {
  const { default: value, defaultText } = setting;
  return defaultText ?? (typeof value === "object" ? value.join(",") : String(value));
}
