import type { Namespace } from "../core/kube/object.ts";
import { type BriefReader, readBriefly } from "./briefRead.ts";
import { NAMESPACES } from "./resource.ts";

/** Undefined when there is none of that name; rejects with a ClusterError when that cannot be known. */
export type ReadNamespace = (name: string) => Promise<Namespace | undefined>;

export type NamespaceReadResult = "found" | "notFound" | "failed";

/** Admissions that need the same namespace at the same time share one read. */
export function namespaceReads(reader: BriefReader, onRead: (result: NamespaceReadResult) => void): ReadNamespace {
  const underWay = new Map<string, Promise<Namespace | undefined>>();
  const read: ReadNamespace = async (name) => {
    try {
      const namespace = await readBriefly<Namespace>(NAMESPACES, { name }, reader);
      onRead(namespace === undefined ? "notFound" : "found");
      return namespace;
    } catch (error) {
      onRead("failed");
      throw error;
    } finally {
      underWay.delete(name);
    }
  };
  return (name) => {
    const shared = underWay.get(name) ?? read(name);
    underWay.set(name, shared);
    return shared;
  };
}
