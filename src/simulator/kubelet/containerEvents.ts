import type { Pod } from "../../core/kube/pod.ts";
import type { Occurrence } from "../events/eventRecorder.ts";
import type { ContainerRecord } from "./containerRecord.ts";
import type { PodRecord } from "./podRecord.ts";

/** What a kubelet tells about a pod whose record went from one state to the next, in its own words. */
export function containerEvents(before: PodRecord | undefined, after: PodRecord, pod: Pod): Occurrence[] {
  const isEnding =
    after.ending !== undefined && before?.ending === undefined && Boolean(pod.metadata.deletionTimestamp);
  return after.containers.flatMap((container) => {
    const old = before?.containers.find(({ name }) => name === container.name);
    const stopping = isEnding && isRunning(container) ? [stopped(container)] : [];
    return [...stopping, ...changes(old, container, pod)].map((what) => ({
      ...what,
      fieldPath: fieldPathOf(container),
    }));
  });
}

function changes(
  old: ContainerRecord | undefined,
  { current, life, name, wanted }: ContainerRecord,
  pod: Pod,
): Occurrence[] {
  if (current && current.containerId !== old?.current?.containerId) return started(wanted);
  if (life === old?.life) return [];
  switch (life.at) {
    case "stopping":
      return [normal("Killing", `Container ${name} definition changed, will be restarted`)];
    case "imageFailed":
      return life.reason === (old?.life.at === "imageFailed" ? old.life.reason : "")
        ? []
        : pullFailed(life.reason, wanted);
    case "backingOff":
      return [warning("BackOff", `Back-off restarting failed container ${name} in pod ${fullName(pod)}`)];
    default:
      return [];
  }
}

function started(image: string): Occurrence[] {
  return [
    normal(
      "Pulled",
      `Container image ${JSON.stringify(image)} already present on machine and can be accessed by the pod`,
    ),
    normal("Created", "Container created"),
    normal("Started", "Container started"),
  ];
}

function pullFailed(reason: string, image: string): Occurrence[] {
  const name = JSON.stringify(image);
  if (reason === "ErrImagePull") {
    return [
      normal("Pulling", `Pulling image ${name}`),
      warning("Failed", `Failed to pull image ${name}: ${image}: not found`),
      warning("Failed", "Error: ErrImagePull"),
    ];
  }
  if (reason !== "ImagePullBackOff") return [];
  return [normal("BackOff", `Back-off pulling image ${name}`), warning("Failed", "Error: ImagePullBackOff")];
}

function stopped({ name }: ContainerRecord): Occurrence {
  return normal("Killing", `Stopping container ${name}`);
}

function isRunning({ life }: ContainerRecord): boolean {
  return life.at === "running" || life.at === "stopping";
}

function fieldPathOf({ role, name }: ContainerRecord): string {
  return `spec.${role === "app" ? "containers" : "initContainers"}{${name}}`;
}

function fullName({ metadata: { name, namespace, uid } }: Pod): string {
  return `${name}_${namespace}(${uid})`;
}

function normal(reason: string, message: string): Occurrence {
  return { type: "Normal", reason, message };
}

function warning(reason: string, message: string): Occurrence {
  return { type: "Warning", reason, message };
}
