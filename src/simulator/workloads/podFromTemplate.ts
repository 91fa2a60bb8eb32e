import type { KubeObject } from "../../core/kube/object.ts";
import type { Pod, PodSpec } from "../../core/kube/pod.ts";
import { newOwner } from "./objectKey.ts";
import type { PodTemplate } from "./workload.ts";

/** What a pod has besides its template. */
interface Own {
  /** Left out: the server makes one up. */
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Partial<PodSpec>;
}

/** The pod that a set makes from a template and owns. */
export function podFromTemplate(set: KubeObject, { metadata = {}, spec }: PodTemplate, own: Own = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...metadata,
      ...(own.name === undefined ? {} : { name: own.name }),
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace!,
      ...(own.labels ? { labels: { ...metadata.labels, ...own.labels } } : {}),
      ownerReferences: [newOwner(set)],
    },
    spec: { ...spec, ...own.spec },
  };
}
