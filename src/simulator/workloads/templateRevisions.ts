import type { ControllerRevision, Json, KubeObject } from "../../core/kube/object.ts";
import { fieldAt, sameJson } from "../apiObject.ts";
import { newOwner } from "./objectKey.ts";
import type { PodSetAction } from "./podSetController.ts";
import { templateHash } from "./templateHash.ts";
import type { PodTemplate } from "./workload.ts";

interface Templated extends KubeObject {
  readonly spec: { readonly template: PodTemplate };
}

export interface TemplateRevisions {
  /** Of the template as it is now. */
  readonly update: ControllerRevision;
  /** What brings the stored revisions there. */
  readonly actions: readonly PodSetAction[];
}

/**
 * The history of a set's template in ControllerRevisions, by which `kubectl rollout history` and `undo` go: one for each template there
 * ever was, the newest has the highest number.
 * @param hashLabel under which label a revision carries its hash
 */
export function templateRevisions(
  set: Templated,
  stored: readonly ControllerRevision[],
  hashLabel: string,
): TemplateRevisions {
  const data = { spec: { template: { ...set.spec.template, $patch: "replace" } } } as unknown as Json;
  const highest = Math.max(0, ...stored.map(({ revision }) => revision));
  const known = stored.find((one) => sameJson(one.data, data));
  if (!known) {
    const update = newRevision(set, data, highest + 1, hashLabel);
    return { update, actions: [{ do: "createRevision", revision: update }] };
  }
  if (known.revision === highest) return { update: known, actions: [] };
  return { update: known, actions: [{ do: "renumberRevision", revision: known, number: highest + 1 }] };
}

function newRevision(set: Templated, data: Json, revision: number, hashLabel: string): ControllerRevision {
  const { name = "", namespace = "", annotations } = set.metadata;
  const hash = templateHash(set.spec.template);
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...set.spec.template.metadata?.labels, [hashLabel]: hash },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [newOwner(set)],
    },
    data,
    revision,
  };
}

/** The template that a revision keeps. */
export function templateOf({ data }: ControllerRevision): PodTemplate {
  const { $patch: _directive, ...template } = fieldAt(data, "spec", "template") as Record<string, unknown>;
  return template as unknown as PodTemplate;
}

export function hashOf({ metadata }: ControllerRevision): string {
  return metadata.name!.slice(metadata.name!.lastIndexOf("-") + 1);
}
