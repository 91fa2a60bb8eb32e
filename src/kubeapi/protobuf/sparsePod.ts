import type { Pod, PodSpec } from "../../core/kube/pod.ts";
import { flag, integer, many, message, one, text, textsByKey, time } from "./message.ts";

const OWNER_REFERENCE = message({ uid: text(4), controller: flag(6) });

const OBJECT_META = message({
  name: text(1),
  namespace: text(3),
  uid: text(5),
  resourceVersion: text(6),
  generation: integer(7),
  creationTimestamp: time(8),
  deletionTimestamp: time(9),
  labels: textsByKey(11),
  annotations: textsByKey(12),
  ownerReferences: many(13, OWNER_REFERENCE),
});

const PROBE = message({ initialDelaySeconds: integer(2), periodSeconds: integer(4) });

const CONTAINER = message({
  name: text(1),
  image: text(2),
  readinessProbe: one(11, PROBE),
  startupProbe: one(22, PROBE),
  restartPolicy: text(24),
});

const POD_SPEC = message({
  containers: many(2, CONTAINER, named),
  nodeName: text(10),
  initContainers: many(20, CONTAINER, named),
});

const POD_CONDITION = message({
  type: text(1),
  status: text(2),
  lastTransitionTime: time(4),
  reason: text(5),
  message: text(6),
});

const CONTAINER_STATE = message({
  waiting: one(1, message({ reason: text(1) })),
  running: one(2, message({ startedAt: time(1) })),
});

const CONTAINER_STATUS = message({
  name: text(1),
  state: one(2, CONTAINER_STATE),
  ready: flag(4),
  restartCount: integer(5),
  image: text(6),
  imageID: text(7),
  containerID: text(8),
});

const POD_STATUS = message({
  phase: text(1),
  conditions: many(2, POD_CONDITION, () => ({ type: "", status: "" })),
  containerStatuses: many(8, CONTAINER_STATUS, named),
  initContainerStatuses: many(10, CONTAINER_STATUS, named),
  observedGeneration: integer(17),
});

/**
 * A pod with no more of it than `podRecord` reads: variables, mounts, volumes and `managedFields` are most of the bytes and are
 * skipped. The numbers are those of Kubernetes' published protobuf definitions.
 */
export const POD = message({
  metadata: one(1, OBJECT_META),
  spec: one(2, POD_SPEC, noContainers),
  status: one(3, POD_STATUS),
});

/** What every pod has. */
export function sparsePod(): Pod {
  return { apiVersion: "v1", kind: "Pod", metadata: {}, spec: noContainers() };
}

function noContainers(): PodSpec {
  return { containers: [] };
}

function named(): { readonly name: string } {
  return { name: "" };
}
