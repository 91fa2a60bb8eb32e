import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerStatus, Pod } from "../../src/core/kube/pod.ts";

/** A container as the machine sees it: what stays the same exactly as long as nobody restarts it. */
export interface ContainerProcess {
  readonly containerId: string;
  readonly pid: number;
  /** In clock ticks since the machine was started. */
  readonly startedAt: number;
  readonly restartCount: number;
}

const CGROUPS = "/sys/fs/cgroup";
/** Of a pod that asks for resources but is not guaranteed them, that asks for none, and that has what it asks for. */
const QUALITIES = ["burstable", "besteffort", ""];

/** @returns undefined when no process runs in the container that the status names */
export function processOf(pod: Pod, container: string): ContainerProcess | undefined {
  const status = containerStatusOf(pod, container);
  const containerId = status?.containerID?.replace("containerd://", "") ?? "";
  const group = containerId && groupOf(pod, containerId);
  if (!group) return undefined;
  const pid = Number(readFileSync(join(group, "cgroup.procs"), "utf8").split("\n")[0]);
  return pid > 0 ? { containerId, pid, startedAt: startOf(pid), restartCount: status?.restartCount ?? 0 } : undefined;
}

export function containerStatusOf({ status }: Pod, container: string): ContainerStatus | undefined {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return all.find(({ name }) => name === container);
}

/** The container's cgroup: in one of the hierarchies of v1, or in the only one of v2. */
function groupOf({ metadata: { uid = "" } }: Pod, containerId: string): string | undefined {
  const hierarchies = ["", ...readdirSync(CGROUPS)].map((name) => join(CGROUPS, name, "kubepods"));
  const groups = hierarchies.flatMap((pods) =>
    QUALITIES.map((quality) => join(pods, quality, `pod${uid}`, containerId)),
  );
  return groups.find((group) => existsSync(join(group, "cgroup.procs")));
}

/** Field 22 of `/proc/<pid>/stat`; the second field is a name that may hold blanks. */
function startOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
}
