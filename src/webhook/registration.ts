import type { Cluster } from "../cluster/cluster.ts";
import { isClusterError } from "../cluster/clusterError.ts";
import {
  apiVersionOf,
  MUTATING_WEBHOOKS,
  type ResourceType,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../cluster/resource.ts";
import type { InjectionRules } from "../core/injection/injection.ts";
import { jsonEqual } from "../core/kube/jsonPatch.ts";
import type { Json, JsonObject, KubeObject } from "../core/kube/object.ts";
import { NAMESPACE_NAME_LABEL } from "../core/sidecarSet/annotations.ts";

export const WEBHOOK_PATHS = {
  pods: "/mutate-pods",
  sidecarSetHashes: "/mutate-sidecarsets",
  sidecarSetValidation: "/validate-sidecarsets",
} as const;

/** How the API server reaches us: a Service in the cluster, or an address such as `https://127.0.0.1:9443`. */
export type WebhookAddress =
  | { readonly url: string }
  | { readonly service: { readonly namespace: string; readonly name: string; readonly port?: number } };

export interface RegistrationOptions {
  readonly address: WebhookAddress;
  /** PEM of the authority that signed our certificate. */
  readonly caBundle: string;
  /** What the installation says about all SidecarSets; absent: nothing. */
  readonly rules?: InjectionRules;
}

export interface WebhookConfiguration extends KubeObject {
  readonly webhooks: readonly JsonObject[];
}

export interface WebhookConfigurations {
  readonly mutating: WebhookConfiguration;
  readonly validating: WebhookConfiguration;
}

export function webhookConfigurations(options: RegistrationOptions): WebhookConfigurations {
  const pods = {
    ...webhook("pods.sidecarset.kruise.io", WEBHOOK_PATHS.pods, options),
    rules: [rule("", ["v1"], "pods", ["CREATE"], "Namespaced")],
    failurePolicy: options.rules?.defaultFailurePolicy ?? "Fail",
    namespaceSelector: outside(options.rules?.excludedNamespaces ?? []),
    reinvocationPolicy: "IfNeeded",
  };
  const hashes = {
    ...sidecarSetWebhook("hashes.sidecarset.kruise.io", WEBHOOK_PATHS.sidecarSetHashes, options),
    reinvocationPolicy: "IfNeeded",
  };
  const validation = sidecarSetWebhook("validation.sidecarset.kruise.io", WEBHOOK_PATHS.sidecarSetValidation, options);
  return {
    mutating: configuration(MUTATING_WEBHOOKS, "sidecarset-mutating", [pods, hashes]),
    validating: configuration(VALIDATING_WEBHOOKS, "sidecarset-validating", [validation]),
  };
}

/** Creates the two objects or brings them to what is wanted; objects that are right already are not written. */
export async function register(cluster: Cluster, options: RegistrationOptions): Promise<void> {
  const { mutating, validating } = webhookConfigurations(options);
  await put(cluster, VALIDATING_WEBHOOKS, validating);
  await put(cluster, MUTATING_WEBHOOKS, mutating);
}

const ATTEMPTS = 5;

/** Several replicas do this at once, so a conflict means: look again. */
async function put(cluster: Cluster, type: ResourceType, wanted: WebhookConfiguration): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await putOnce(cluster, type, wanted);
    } catch (error) {
      if (!isClusterError(error, "conflict", "alreadyExists") || attempt === ATTEMPTS) throw error;
    }
  }
}

async function putOnce(cluster: Cluster, type: ResourceType, wanted: WebhookConfiguration): Promise<void> {
  const existing = await find(cluster, type, wanted.metadata.name!);
  if (existing === undefined) {
    await cluster.create(type, wanted);
  } else if (!jsonEqual(existing.webhooks as Json, wanted.webhooks as Json)) {
    await cluster.update(type, { ...existing, webhooks: wanted.webhooks });
  }
}

async function find(cluster: Cluster, type: ResourceType, name: string): Promise<WebhookConfiguration | undefined> {
  try {
    return await cluster.get<WebhookConfiguration>(type, { name });
  } catch (error) {
    if (isClusterError(error, "notFound")) return undefined;
    throw error;
  }
}

/** An empty NotIn is invalid. */
function outside(namespaces: readonly string[]): JsonObject {
  if (namespaces.length === 0) return {};
  return { matchExpressions: [{ key: NAMESPACE_NAME_LABEL, operator: "NotIn", values: namespaces }] };
}

function configuration(type: ResourceType, name: string, webhooks: readonly JsonObject[]): WebhookConfiguration {
  return { apiVersion: apiVersionOf(type), kind: type.kind, metadata: { name }, webhooks };
}

function sidecarSetWebhook(name: string, path: string, options: RegistrationOptions): JsonObject {
  const versions = ["v1alpha1", "v1beta1"];
  return {
    ...webhook(name, path, options),
    rules: [rule(SIDECAR_SETS.group, versions, SIDECAR_SETS.plural, ["CREATE", "UPDATE"], "Cluster")],
    failurePolicy: "Fail",
    namespaceSelector: {},
  };
}

/** Every field is given, also where the API server would fill in the same: what is stored can then be compared with what is wanted. */
function webhook(name: string, path: string, { address, caBundle }: RegistrationOptions): JsonObject {
  const ca = Buffer.from(caBundle).toString("base64");
  return {
    name,
    clientConfig: { ...clientConfig(address, path), caBundle: ca },
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
