/** Where a kind lives in the API. `group` is empty for core. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

function resource(group: string, version: string, kind: string, plural: string, namespaced: boolean): ResourceType {
  return { group, version, kind, plural, namespaced };
}

export const PODS = resource("", "v1", "Pod", "pods", true);
export const NAMESPACES = resource("", "v1", "Namespace", "namespaces", false);
export const NODES = resource("", "v1", "Node", "nodes", false);
export const EVENTS = resource("", "v1", "Event", "events", true);
export const CONFIG_MAPS = resource("", "v1", "ConfigMap", "configmaps", true);
export const SECRETS = resource("", "v1", "Secret", "secrets", true);
export const DEPLOYMENTS = resource("apps", "v1", "Deployment", "deployments", true);
export const REPLICA_SETS = resource("apps", "v1", "ReplicaSet", "replicasets", true);
export const CONTROLLER_REVISIONS = resource("apps", "v1", "ControllerRevision", "controllerrevisions", true);
export const LEASES = resource("coordination.k8s.io", "v1", "Lease", "leases", true);
export const SIDECAR_SETS = resource("apps.kruise.io", "v1beta1", "SidecarSet", "sidecarsets", false);
export const CUSTOM_RESOURCE_DEFINITIONS = resource(
  "apiextensions.k8s.io",
  "v1",
  "CustomResourceDefinition",
  "customresourcedefinitions",
  false,
);
export const MUTATING_WEBHOOKS = resource(
  "admissionregistration.k8s.io",
  "v1",
  "MutatingWebhookConfiguration",
  "mutatingwebhookconfigurations",
  false,
);
export const VALIDATING_WEBHOOKS = resource(
  "admissionregistration.k8s.io",
  "v1",
  "ValidatingWebhookConfiguration",
  "validatingwebhookconfigurations",
  false,
);

/** `v1`, `apps/v1`: what stands in an object's `apiVersion`. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === "" ? type.version : `${type.group}/${type.version}`;
}
