import type { RolloutCourse } from "./rolloutCourse.ts";
import type { QueueObserver } from "./workQueue.ts";

/** Who follows one controller, for metrics and traces. */
export interface ControllerObserver {
  readonly queue: QueueObserver;
  readonly course: RolloutCourse;
}
