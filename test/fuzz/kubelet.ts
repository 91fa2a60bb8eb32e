import type { ContainerRecord, PodRecord } from "../../src/core/pod/podRecord.ts";
import type { Draws } from "./draws.ts";

/** What becomes of a container whose image was changed. `stale`: the new process is reported with the readiness of the old one. */
const OUTCOMES = ["up", "up", "slow", "fails", "stale"] as const;
type Outcome = (typeof OUTCOMES)[number];

/** The pod after its kubelet has looked at it: changed containers are started anew, those that were not ready are. */
export function kubeletLooksAt(pod: PodRecord, now: number, draws: Draws): PodRecord {
  if (pod.deleting || pod.phase === "Succeeded" || pod.phase === "Failed") return pod;
  const outcome = draws.pick(OUTCOMES);
  const look = (container: ContainerRecord) => lookedAt(container, outcome, now);
  return reported({ ...pod, containers: pod.containers.map(look), initContainers: pod.initContainers.map(look) }, now);
}

/** The app of the pod fails. */
export function crashed(pod: PodRecord, now: number): PodRecord {
  const containers = pod.containers.map((container) =>
    container.name === "app" && container.status
      ? { ...container, status: { ...container.status, ready: false, restartCount: container.status.restartCount + 1 } }
      : container,
  );
  return reported({ ...pod, containers }, now);
}

function reported(pod: PodRecord, now: number): PodRecord {
  const ready = [...pod.containers, ...pod.initContainers].every(({ status }) => status?.ready);
  return {
    ...pod,
    nodeName: "node",
    phase: "Running",
    observedGeneration: pod.observedGeneration === undefined ? undefined : pod.generation,
    reportedContainers: pod.containers.length,
    restarts: Math.max(...pod.containers.map(({ status }) => status?.restartCount ?? 0)),
    ready,
    readySince: ready === pod.ready ? pod.readySince : now,
  };
}

function lookedAt(container: ContainerRecord, outcome: Outcome, now: number): ContainerRecord {
  const { image, status } = container;
  if (status && status.image === image) {
    return { ...container, status: { ...status, ready: true, waitingReason: undefined } };
  }
  if (outcome === "fails" && status) {
    return { ...container, status: { ...status, ready: false, waitingReason: "ErrImagePull" } };
  }
  const restartCount = status ? status.restartCount + 1 : 0;
  const ready = outcome === "up" || (outcome === "stale" && container.staleReadyMs > 0 && status?.ready === true);
  const containerId = `${container.name}#${restartCount}-${image}`;
  return {
    ...container,
    status: {
      image,
      imageId: `id-${image}`,
      containerId,
      ready,
      restartCount,
      startedAt: now,
      waitingReason: undefined,
    },
  };
}
