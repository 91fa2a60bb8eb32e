import type { Cluster } from "../../cluster/cluster.ts";
import {
  CONFIG_MAPS,
  CONTROLLER_REVISIONS,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  MUTATING_WEBHOOKS,
  NAMESPACES,
  PODS,
  type ResourceType,
  SIDECAR_SETS,
} from "../../cluster/resource.ts";
import type { Right } from "../../core/installation/installation.ts";
import type { KubeObject } from "../../core/kube/object.ts";

interface Wanted {
  readonly verb: string;
  readonly type: Pick<ResourceType, "group" | "plural">;
  /** Only in the system namespace. */
  readonly inSystemNamespace?: true;
  readonly neededFor: string;
}

const CLUSTER_ROLES = { group: "rbac.authorization.k8s.io", plural: "clusterroles" };

const TO_INSTALL: readonly Wanted[] = [
  { verb: "create", type: CUSTOM_RESOURCE_DEFINITIONS, neededFor: "the installation" },
  { verb: "create", type: NAMESPACES, neededFor: "the installation" },
  { verb: "create", type: CLUSTER_ROLES, neededFor: "the installation" },
  { verb: "create", type: DEPLOYMENTS, inSystemNamespace: true, neededFor: "the installation" },
  { verb: "create", type: MUTATING_WEBHOOKS, neededFor: "the installation" },
];

const TO_OPERATE: readonly Wanted[] = [
  { verb: "list", type: SIDECAR_SETS, neededFor: "every verb" },
  { verb: "patch", type: SIDECAR_SETS, neededFor: "pause, promote, set image and undo" },
  { verb: "list", type: PODS, neededFor: "preview and explain" },
  { verb: "list", type: NAMESPACES, neededFor: "preview and explain" },
  { verb: "list", type: CONTROLLER_REVISIONS, inSystemNamespace: true, neededFor: "undo and history" },
  { verb: "patch", type: CONFIG_MAPS, inSystemNamespace: true, neededFor: "stop and start" },
];

const ACCESS_REVIEWS: ResourceType = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  namespaced: false,
};

interface AccessReview extends KubeObject {
  readonly spec: object;
  readonly status?: { readonly allowed?: boolean };
}

/** Asks the API server what the caller may do; by whatever authorization it has. */
export function askRights(cluster: Cluster, systemNamespace: string, isBefore: boolean): Promise<readonly Right[]> {
  return Promise.all(
    (isBefore ? TO_INSTALL : TO_OPERATE).map(async ({ verb, type, inSystemNamespace, neededFor }): Promise<Right> => {
      const place = inSystemNamespace ? { namespace: systemNamespace } : {};
      const resourceAttributes = { verb, group: type.group, resource: type.plural, ...place };
      const review = await cluster.create<AccessReview>(ACCESS_REVIEWS, {
        apiVersion: "authorization.k8s.io/v1",
        kind: ACCESS_REVIEWS.kind,
        metadata: {},
        spec: { resourceAttributes },
      });
      const where = inSystemNamespace ? ` in namespace ${systemNamespace}` : "";
      const what = `${verb} ${type.plural}${type.group === "" ? "" : `.${type.group}`}${where}`;
      return { what, neededFor, allowed: review.status?.allowed === true };
    }),
  );
}
