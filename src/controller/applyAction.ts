import type { Cluster } from "../cluster/cluster.ts";
import { isClusterError } from "../cluster/clusterError.ts";
import { CONTROLLER_REVISIONS, PODS, SIDECAR_SETS } from "../cluster/resource.ts";
import { jsonEqual } from "../core/kube/jsonPatch.ts";
import type { ControllerRevision, JsonObject, KubeObject } from "../core/kube/object.ts";
import type { Pod } from "../core/kube/pod.ts";
import { unreachable } from "../core/result.ts";
import type { MarkUpgradable, RolloutAction } from "../core/rollout/rolloutPlan.ts";
import { CUSTOM_VERSION_LABEL } from "../core/sidecarSet/annotations.ts";

export interface ActionTarget {
  readonly cluster: Cluster;
  readonly sidecarSet: string;
  readonly systemNamespace: string;
}

/** What an action has changed, as the API server stored it. */
export type Effect =
  | { readonly kind: "pod"; readonly object: Pod }
  | { readonly kind: "sidecarSet"; readonly object: KubeObject }
  | { readonly kind: "revision"; readonly object: ControllerRevision }
  | { readonly kind: "revisionGone"; readonly name: string }
  /** Another object has the name that the revision should get. */
  | { readonly kind: "collision" };

const WRITER = { fieldManager: "sidecarset" } as const;
const POD_WRITER = { ...WRITER, sparse: true } as const;

/** One action, one API call (a second one only to look at a revision that exists already). Rejects with a ClusterError. */
export async function applyAction(action: RolloutAction, target: ActionTarget): Promise<Effect> {
  const { cluster, sidecarSet, systemNamespace: namespace } = target;
  switch (action.kind) {
    case "recordRevision":
      return recordRevision(action.revision, target);
    case "reorderRevision": {
      const operations = [
        { op: "test", path: "/revision", value: action.from },
        { op: "replace", path: "/revision", value: action.to },
      ] as const;
      return patchedRevision(target, action.name, { type: "json", operations });
    }
    case "labelRevision": {
      const labels = { [CUSTOM_VERSION_LABEL]: action.customVersion };
      return patchedRevision(target, action.name, { type: "merge", patch: { metadata: { labels } } });
    }
    case "pruneRevision": {
      const preconditions = { uid: action.uid };
      await ignoringGone(cluster.delete(CONTROLLER_REVISIONS, { namespace, name: action.name }, { preconditions }));
      return { kind: "revisionGone", name: action.name };
    }
    case "writeStatus": {
      const patch = { status: action.status as unknown as JsonObject };
      const options = { ...WRITER, subresource: "status" };
      const object = await cluster.patch(SIDECAR_SETS, { name: sidecarSet }, { type: "merge", patch }, options);
      return { kind: "sidecarSet", object };
    }
    case "upgradePod":
    case "flipPod": {
      const { operations } = action;
      return {
        kind: "pod",
        object: await cluster.patch<Pod>(PODS, action.pod, { type: "json", operations }, POD_WRITER),
      };
    }
    case "markUpgradable":
      return { kind: "pod", object: await markUpgradable(cluster, action) };
    default:
      return unreachable(action);
  }
}

/** With the version that the condition was computed from: two sets writing at once do not undo each other. */
function markUpgradable(cluster: Cluster, { pod, uid, resourceVersion, condition }: MarkUpgradable): Promise<Pod> {
  const patch = { metadata: { uid, resourceVersion }, status: { conditions: [condition] } };
  return cluster.patch<Pod>(PODS, pod, { type: "strategic", patch }, { ...POD_WRITER, subresource: "status" });
}

async function recordRevision(revision: ControllerRevision, target: ActionTarget): Promise<Effect> {
  const { cluster, systemNamespace: namespace } = target;
  const object = { ...revision, metadata: { ...revision.metadata, namespace } };
  try {
    const created = await cluster.create(CONTROLLER_REVISIONS, object, { ...WRITER, namespace });
    return { kind: "revision", object: created };
  } catch (error) {
    if (!isClusterError(error, "alreadyExists")) throw error;
    const name = revision.metadata.name ?? "";
    const existing = await cluster.get<ControllerRevision>(CONTROLLER_REVISIONS, { namespace, name });
    if (!jsonEqual(existing.data, revision.data)) return { kind: "collision" };
    // The set was deleted and made again: its old revision is taken over before the garbage collector finds it.
    const { labels, ownerReferences } = revision.metadata;
    const patch = { metadata: { labels, ownerReferences } as unknown as JsonObject };
    return patchedRevision(target, name, { type: "merge", patch });
  }
}

async function patchedRevision(
  { cluster, systemNamespace: namespace }: ActionTarget,
  name: string,
  patch: Parameters<Cluster["patch"]>[2],
): Promise<Effect> {
  const object = await cluster.patch<ControllerRevision>(CONTROLLER_REVISIONS, { namespace, name }, patch, WRITER);
  return { kind: "revision", object };
}

async function ignoringGone(request: Promise<void>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!isClusterError(error, "notFound", "conflict")) throw error;
  }
}
