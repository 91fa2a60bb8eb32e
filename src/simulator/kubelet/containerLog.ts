import type { ContainerState, ContainerStatus, Pod } from "../../core/kube/pod.ts";
import { err, ok, type Result } from "../../core/result.ts";

/** One run of a container, as the pod's status tells it. Times are milliseconds since the epoch. */
export interface ContainerRun {
  readonly id: string;
  readonly container: string;
  readonly image: string;
  /** How many runs came before. */
  readonly restarts: number;
  readonly startedAt: number;
  readonly end?: { readonly at: number; readonly exitCode: number };
}

export interface LogLine {
  readonly at: number;
  readonly text: string;
}

const HEARTBEAT_MS = 10_000;

/**
 * What a played container has written until `now`. It runs no program: the lines are made from its status, so they say what is known
 * of it: when it started from which image, that it runs, and how it ended.
 */
export function logLines(run: ContainerRun, now: number): LogLine[] {
  const until = Math.min(now, run.end?.at ?? now);
  const lines = [
    line(
      run.startedAt,
      `${run.container} started: image ${run.image}, restart ${run.restarts} (played, no program runs)`,
    ),
  ];
  for (let at = run.startedAt + HEARTBEAT_MS; at <= until; at += HEARTBEAT_MS)
    lines.push(line(at, `${run.container} is running, ${(at - run.startedAt) / 1000} s`));
  if (run.end && run.end.at <= now) lines.push(line(run.end.at, endText(run, run.end.exitCode)));
  return lines;
}

/** When the next line is due; undefined when the run is over. */
export function nextLineAt(run: ContainerRun, now: number): number | undefined {
  if (run.end) return undefined;
  return run.startedAt + (Math.floor((now - run.startedAt) / HEARTBEAT_MS) + 1) * HEARTBEAT_MS;
}

function endText({ container }: ContainerRun, exitCode: number): string {
  return exitCode === 0 ? `${container} stopped` : `${container} crashed: exit code ${exitCode}`;
}

function line(at: number, text: string): LogLine {
  return { at, text: `${new Date(at).toISOString()} ${text}` };
}

/**
 * The run whose log is asked for.
 * @returns why there is none, in the kubelet's words
 */
export function loggedRun(pod: Pod, container: string, previous: boolean): Result<ContainerRun, string> {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const status = [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container);
  const place = `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)}`;
  const current = status && runOf(status, status.state, status.restartCount ?? 0);
  // What waits for its next run has not counted it yet.
  const before = status && runOf(status, status.lastState, (status.restartCount ?? 0) - (current ? 1 : 0));
  if (previous) return before ? ok(before) : err(`previous terminated ${place} not found`);
  const run = current ?? before;
  return run ? ok(run) : err(`${place} is waiting to start${waitingText(status?.state?.waiting?.reason)}`);
}

function waitingText(reason: string | undefined): string {
  if (reason === undefined) return " - no logs yet";
  if (reason === "ErrImagePull") return ": image can't be pulled";
  return reason === "ImagePullBackOff" ? ": trying and failing to pull image" : `: ${reason}`;
}

function runOf(status: ContainerStatus, state: ContainerState | undefined, restarts: number): ContainerRun | undefined {
  const { running, terminated } = state ?? {};
  const shared = { container: status.name, image: status.image ?? "", restarts };
  if (running) return { ...shared, id: status.containerID ?? "", startedAt: Date.parse(running.startedAt ?? "") };
  if (!terminated?.containerID) return undefined;
  return {
    ...shared,
    id: terminated.containerID,
    startedAt: Date.parse(terminated.startedAt ?? ""),
    end: { at: Date.parse(terminated.finishedAt ?? ""), exitCode: terminated.exitCode ?? 0 },
  };
}
