import type { ObjectName } from "../../cluster/cluster.ts";
import type { KubeObject, OwnerReference } from "../../core/kube/object.ts";

/** `ns-1/web`, or `web` of a cluster-scoped kind. */
export function keyOf({ metadata: { namespace, name = "" } }: KubeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function nameOfKey(key: string): ObjectName {
  const [first = "", second] = key.split("/");
  return second === undefined ? { name: first } : { namespace: first, name: second };
}

export function nameOf({ metadata: { namespace, name = "" } }: KubeObject): ObjectName {
  return namespace === undefined ? { name } : { namespace, name };
}

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller);
}

export function isDeleting(object: KubeObject): boolean {
  return Boolean(object.metadata.deletionTimestamp);
}

/** The reference by which an object belongs to the controller that made it. */
export function newOwner({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  const { name = "", uid = "" } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}
