import { describe, expect, it } from "vitest";
import type { ContainerStatus, Pod } from "../../core/kube/pod.ts";
import { loggedRun, logLines, nextLineAt } from "./containerLog.ts";

const START = "2026-01-01T00:00:00Z";
const AT = Date.parse(START);
const RUNNING = { running: { startedAt: START } };
const ENDED = {
  terminated: { exitCode: 1, startedAt: START, finishedAt: "2026-01-01T00:00:12Z", containerID: "containerd://old" },
};

describe("the log of a played container", () => {
  it("says when it started, from which image, that it runs, and how it ended", () => {
    const run = {
      id: "a",
      container: "app",
      image: "app:1",
      restarts: 2,
      startedAt: AT,
      end: { at: AT + 12_000, exitCode: 1 },
    };
    expect(logLines(run, AT + 60_000).map(({ text }) => text)).toEqual([
      "2026-01-01T00:00:00.000Z app started: image app:1, restart 2 (played, no program runs)",
      "2026-01-01T00:00:10.000Z app is running, 10 s",
      "2026-01-01T00:00:12.000Z app crashed: exit code 1",
    ]);
  });

  it("grows with time while the container runs", () => {
    const run = { id: "a", container: "app", image: "app:1", restarts: 0, startedAt: AT };
    expect(logLines(run, AT + 9_999)).toHaveLength(1);
    expect(nextLineAt(run, AT + 9_999)).toBe(AT + 10_000);
    expect(logLines(run, AT + 10_000)).toHaveLength(2);
    expect(nextLineAt({ ...run, end: { at: AT, exitCode: 0 } }, AT)).toBeUndefined();
  });

  it("is of the run that is, or of the one before", () => {
    const pod = aPod({ state: RUNNING, lastState: ENDED, restartCount: 3, containerID: "containerd://new" });
    expect(loggedRun(pod, "app", false)).toMatchObject({ value: { id: "containerd://new", restarts: 3 } });
    expect(loggedRun(pod, "app", true)).toMatchObject({ value: { id: "containerd://old", restarts: 2 } });
  });

  it("is of the last run while the next one waits", () => {
    const pod = aPod({ state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: ENDED, restartCount: 3 });
    for (const previous of [false, true])
      expect(loggedRun(pod, "app", previous)).toMatchObject({ value: { id: "containerd://old", restarts: 3 } });
  });

  it("is refused in the kubelet's words where nothing ran", () => {
    const waiting = (reason: string) => loggedRun(aPod({ state: { waiting: { reason } } }), "app", false);
    expect(waiting("ContainerCreating")).toMatchObject({
      error: 'container "app" in pod "web" is waiting to start: ContainerCreating',
    });
    expect(waiting("ErrImagePull")).toMatchObject({
      error: 'container "app" in pod "web" is waiting to start: image can\'t be pulled',
    });
    expect(waiting("ImagePullBackOff")).toMatchObject({
      error: 'container "app" in pod "web" is waiting to start: trying and failing to pull image',
    });
    expect(loggedRun(aPod({ state: RUNNING }), "app", true)).toMatchObject({
      error: 'previous terminated container "app" in pod "web" not found',
    });
  });
});

function aPod(status: Partial<ContainerStatus>): Pod {
  const containerStatus = { name: "app", image: "app:1", ...status } as ContainerStatus;
  return { metadata: { name: "web" }, status: { containerStatuses: [containerStatus] } } as unknown as Pod;
}
