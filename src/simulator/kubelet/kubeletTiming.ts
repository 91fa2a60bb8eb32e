/** How long things take on a node, in milliseconds. The middle values: each step takes between three and five quarters of it. */
export interface KubeletTiming {
  /** From a change in the API to the kubelet's acting on it. */
  readonly sync: number;
  /** Network and sandbox of a new pod. */
  readonly sandbox: number;
  /** Pull, create and start of one container. */
  readonly start: number;
  /** From SIGTERM to the end of a container. */
  readonly stop: number;
  /** Run time of a plain init container. */
  readonly initRun: number;
  /** Run time of what a Job runs. */
  readonly jobRun: number;
  /** From the start of a program until its probe passes, when the probe itself asks for no longer delay. */
  readonly warmUp: number;
  /** From the start of a container until its startup probe is looked at for the first time. */
  readonly firstProbe: number;
  /** Run time of a program that crashes. */
  readonly crash: number;
}

export const DEFAULT_TIMING: KubeletTiming = {
  sync: 50,
  sandbox: 250,
  start: 250,
  stop: 200,
  initRun: 200,
  jobRun: 3000,
  warmUp: 500,
  firstProbe: 1000,
  crash: 700,
};

/** How long a step takes at a certain pace, in whole milliseconds as clocks want them. */
export function lasting(step: keyof KubeletTiming, { timing, pace }: { timing: KubeletTiming; pace: number }): number {
  return Math.round(timing[step] * pace);
}
