import {
  apiVersionOf,
  MUTATING_WEBHOOKS,
  type ResourceType,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../cluster/resource.ts";
import type { WebhookConfiguration, WebhookConfigurations } from "../cluster/webhookConfiguration.ts";
import type { PodEntry } from "../core/injection/registration/planRegistration.ts";
import type { JsonObject, ObjectMeta } from "../core/kube/object.ts";
import { NAMESPACE_NAME_LABEL, SELF_TEST_LABEL } from "../core/sidecarSet/annotations.ts";

export const WEBHOOK_PATHS = {
  pods: "/mutate-pods",
  sidecarSetHashes: "/mutate-sidecarsets",
  sidecarSetValidation: "/validate-sidecarsets",
  sidecarSetDeletion: "/sidecarset-deletion",
  selfTest: "/self-test",
} as const;

/** How the API server reaches us: a Service in the cluster, or an address such as `https://127.0.0.1:9443`. */
export type WebhookAddress =
  | { readonly url: string }
  | { readonly service: { readonly namespace: string; readonly name: string; readonly port?: number } };

export interface RegistrationOptions {
  readonly address: WebhookAddress;
  /** PEM of the authorities that sign our certificate. */
  readonly caBundle: string;
  /** cert-manager's Certificate (`namespace/name`) whose authority its CA injector writes in place of the bundle. */
  readonly injectCaFrom?: string | undefined;
  /** Where the manager lives, and its self-test. */
  readonly systemNamespace: string;
  /** Which pods are sent to us. */
  readonly entries: readonly PodEntry[];
}

const INJECT_CA_FROM = "cert-manager.io/inject-ca-from";

export const CONFIGURATION_NAMES = { mutating: "sidecarset-mutating", validating: "sidecarset-validating" } as const;

/**
 * Everything that the API server is told. SidecarSets are always judged; pods come only as far as the entries say. Of a pod that two
 * entries send, the first call injects everything and the second finds nothing to do.
 */
export function webhookConfigurations(options: RegistrationOptions): WebhookConfigurations {
  const mutating = [
    ...options.entries.map((entry) => podWebhook(entry, options)),
    { ...sidecarSetWebhook("hashes", WEBHOOK_PATHS.sidecarSetHashes, options), reinvocationPolicy: "IfNeeded" },
    selfTest(options),
  ];
  const validation = sidecarSetWebhook("validation", WEBHOOK_PATHS.sidecarSetValidation, options);
  // A SidecarSet that passes is announced to who keeps this registration.
  const validating = [{ ...validation, sideEffects: "NoneOnDryRun" }, deletion(options)];
  const { injectCaFrom } = options;
  const injection = injectCaFrom === undefined ? {} : { annotations: { [INJECT_CA_FROM]: injectCaFrom } };
  return {
    mutating: configuration(MUTATING_WEBHOOKS, { name: CONFIGURATION_NAMES.mutating, ...injection }, mutating),
    validating: configuration(VALIDATING_WEBHOOKS, { name: CONFIGURATION_NAMES.validating, ...injection }, validating),
  };
}

function podWebhook(entry: PodEntry, options: RegistrationOptions): JsonObject {
  const { failurePolicy, matchCondition } = entry;
  return {
    ...webhook(`pods.${failurePolicy.toLowerCase()}`, WEBHOOK_PATHS.pods, options),
    rules: [createdPods()],
    failurePolicy,
    namespaceSelector: { ...entry.namespaceSelector } as JsonObject,
    objectSelector: { ...entry.objectSelector } as JsonObject,
    ...(matchCondition !== undefined && {
      matchConditions: [{ name: "selected-by-a-sidecarset", expression: matchCondition }],
    }),
    reinvocationPolicy: "IfNeeded",
  };
}

/** Of a pod that nobody runs: it proves that the API server reaches us. */
function selfTest(options: RegistrationOptions): JsonObject {
  return {
    ...webhook("selftest", WEBHOOK_PATHS.selfTest, options),
    rules: [createdPods()],
    failurePolicy: "Ignore",
    namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: options.systemNamespace } },
    objectSelector: { matchLabels: { [SELF_TEST_LABEL]: "true" } },
    reinvocationPolicy: "Never",
  };
}

/** Never refuses; who deletes a SidecarSet is told what remains. */
function deletion(options: RegistrationOptions): JsonObject {
  return {
    ...webhook("deletion", WEBHOOK_PATHS.sidecarSetDeletion, options),
    rules: [sidecarSets(["DELETE"])],
    failurePolicy: "Ignore",
    namespaceSelector: {},
  };
}

function createdPods(): JsonObject {
  return rule("", ["v1"], "pods", ["CREATE"], "Namespaced");
}

function sidecarSets(operations: readonly string[]): JsonObject {
  return rule(SIDECAR_SETS.group, ["v1alpha1", "v1beta1"], SIDECAR_SETS.plural, operations, "Cluster");
}

function configuration(
  type: ResourceType,
  metadata: ObjectMeta,
  webhooks: readonly JsonObject[],
): WebhookConfiguration {
  return { apiVersion: apiVersionOf(type), kind: type.kind, metadata, webhooks };
}

function sidecarSetWebhook(name: string, path: string, options: RegistrationOptions): JsonObject {
  return {
    ...webhook(name, path, options),
    rules: [sidecarSets(["CREATE", "UPDATE"])],
    failurePolicy: "Fail",
    namespaceSelector: {},
  };
}

/** Every field is given, also where the API server would fill in the same: what is stored can then be compared with what is wanted. */
function webhook(name: string, path: string, options: RegistrationOptions): JsonObject {
  const { address, caBundle, injectCaFrom } = options;
  const trust = injectCaFrom === undefined ? { caBundle: Buffer.from(caBundle).toString("base64") } : {};
  return {
    name: `${name}.sidecarset.kruise.io`,
    clientConfig: { ...clientConfig(address, path), ...trust },
    matchPolicy: "Equivalent",
    objectSelector: {},
    sideEffects: "None",
    timeoutSeconds: 5,
    admissionReviewVersions: ["v1"],
  };
}

function clientConfig(address: WebhookAddress, path: string): JsonObject {
  if ("url" in address) return { url: address.url.replace(/\/+$/, "") + path };
  return { service: { ...address.service, path, port: address.service.port ?? 443 } };
}

function rule(
  group: string,
  versions: readonly string[],
  resource: string,
  operations: readonly string[],
  scope: "Namespaced" | "Cluster",
): JsonObject {
  return { apiGroups: [group], apiVersions: versions, resources: [resource], operations, scope };
}
