import { Registry } from "prom-client";
import type { Clock } from "../../../cluster/environment.ts";
import type { ResourceType } from "../../../cluster/resource.ts";
import type { ControllerObserver } from "../../../controller/controllerObserver.ts";
import { RolloutCourse } from "../../../controller/rolloutCourse.ts";
import type { RolloutEvent } from "../../../controller/rolloutEvent.ts";
import type { SidecarSetController } from "../../../controller/sidecarSetController.ts";
import { registerOriginalMetrics } from "./originalMetrics.ts";
import { registerQueueMetrics } from "./queueMetrics.ts";
import { registerRolloutMetrics } from "./rolloutMetrics.ts";
import { registerSidecarSetMetrics } from "./sidecarSetMetrics.ts";
import { registerWatchMetrics } from "./watchMetrics.ts";

/** The one registry of a manager, into which every part registers, and who counts what happens to rollouts. */
export interface ManagerMetrics {
  readonly registry: Registry;
  /** The API server has told something of a kind. */
  readonly heard: (type: ResourceType) => void;
  /** Of one controller. */
  observer(): ControllerObserver;
  /** What is told of SidecarSets comes from there until the signal aborts: only who leads tells it. */
  follow(followed: Followed, signal: AbortSignal): void;
}

type Followed = Pick<SidecarSetController, "states" | "load" | "running">;

export interface ManagerMetricsOptions {
  /** Left out: one of its own. */
  readonly registry?: Registry | undefined;
  readonly clock: Clock;
  /** Told what the metrics are told. */
  readonly onRollout?: ((event: RolloutEvent) => void) | undefined;
}

export function managerMetrics({ registry = new Registry(), clock, onRollout }: ManagerMetricsOptions): ManagerMetrics {
  let followed: Followed | undefined;
  const states = () => followed?.states() ?? [];
  registerOriginalMetrics(registry, states);
  registerSidecarSetMetrics(registry, states);
  const count = registerRolloutMetrics(registry, () => followed?.running() ?? []);
  const queue = registerQueueMetrics(registry, () => followed?.load);
  const tell = (event: RolloutEvent): void => {
    count(event);
    onRollout?.(event);
  };
  return {
    registry,
    heard: registerWatchMetrics(registry, clock),
    observer: () => ({ queue, course: new RolloutCourse({ clock, tell }) }),
    follow(controller, signal) {
      if (!signal.aborted) followed = controller;
      const leave = (): void => {
        if (followed === controller) followed = undefined;
      };
      signal.addEventListener("abort", leave, { once: true });
    },
  };
}
