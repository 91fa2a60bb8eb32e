import type { Clock } from "../cluster/environment.ts";
import { type PodName, podKey } from "../core/pod/podRecord.ts";
import type { RolloutStatus } from "../core/rollout/status.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import { CourseOfSet, type PlannedCourse } from "./courseOfSet.ts";
import type { RolloutEvent } from "./rolloutEvent.ts";

export interface RolloutCourseOptions {
  readonly clock: Clock;
  readonly tell: (event: RolloutEvent) => void;
}

/** A rollout under way. */
export interface RunningRollout {
  readonly sidecarSet: string;
  /** Of its time so far, as long as it was neither paused nor held back. */
  readonly progressMs: number;
}

/**
 * Turns what the controller of one term plans, writes and sees into what happened to rollouts, waves and pods. It decides nothing. What
 * it remembers is one entry for each pod whose upgrade is not done, and nothing that outlives the term.
 */
export class RolloutCourse {
  readonly #options: RolloutCourseOptions;
  readonly #sets = new Map<string, CourseOfSet>();

  constructor(options: RolloutCourseOptions) {
    this.#options = options;
  }

  /** After each plan. @param isDone whether a pod is updated and available */
  planned(set: SidecarSet | undefined, status: RolloutStatus | undefined, isDone: PlannedCourse["isDone"]): void {
    if (!set || !status) return;
    let course = this.#sets.get(set.name);
    if (!course) {
      course = new CourseOfSet(set.name, this.#options.tell);
      this.#sets.set(set.name, course);
    }
    course.planned({ stored: set.status, status, isDone, now: this.#now });
  }

  /** Its images were written. */
  upgraded(sidecarSet: string, pod: PodName): void {
    this.#sets.get(sidecarSet)?.upgraded(pod, this.#now);
  }

  seen(pod: PodName): void {
    const key = podKey(pod);
    for (const course of this.#sets.values()) course.seen(key, this.#now);
  }

  gone(pod: PodName): void {
    const key = podKey(pod);
    for (const course of this.#sets.values()) course.gone(key, this.#now);
  }

  setGone(sidecarSet: string): void {
    this.#sets.get(sidecarSet)?.end("Deleted", this.#now);
    this.#sets.delete(sidecarSet);
  }

  /** This process leads no more. */
  stop(): void {
    for (const course of this.#sets.values()) course.end("HandedOver", this.#now);
    this.#sets.clear();
  }

  *running(): Iterable<RunningRollout> {
    for (const [sidecarSet, course] of this.#sets) {
      const progressMs = course.progressMs(this.#now);
      if (progressMs !== undefined) yield { sidecarSet, progressMs };
    }
  }

  get #now(): number {
    return this.#options.clock.now();
  }
}
