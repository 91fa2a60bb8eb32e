/** One container of a pod as its node knows it. Times are milliseconds since the epoch. */
export interface ContainerRecord {
  readonly name: string;
  /** A `sidecar` is an init container that keeps running (restartPolicy Always). */
  readonly role: "init" | "sidecar" | "app";
  /** What happens when its program ends. */
  readonly restarts: "always" | "onFailure" | "never";
  /** Its program does its work and ends; others run until they are stopped. */
  readonly completes: boolean;
  /** The image that runs or is being brought up, as the spec writes it. */
  readonly wanted: string;
  readonly life: ContainerLife;
  /** The newest container that ever ran; its ids stay in the status until another one runs. */
  readonly current: StartedContainer | undefined;
  readonly restartCount: number;
  readonly lastExit: Exit | undefined;
  /** By image: how long its next start waits, if it follows an end too soon. */
  readonly backOff: Readonly<Record<string, BackOff>>;
}

export type ContainerLife =
  /** Its turn has not come. */
  | { readonly at: "waiting" }
  /**
   * Being pulled, created and started. `after` is the end of the container before that nobody was told of yet; `failed` is why the
   * attempt before came to nothing, which is told until this one succeeds.
   */
  | { readonly at: "starting"; readonly until: number; readonly after?: Exit; readonly failed?: FailedStart }
  | { readonly at: "running" }
  /** Told to end. The status still shows it running. */
  | { readonly at: "stopping"; readonly until: number }
  | {
      readonly at: "imageFailed";
      readonly reason: FailedStart;
      readonly until: number;
      readonly failures: number;
      /** A container of this name had ended before the one that was stopped for this image. */
      readonly endedBefore: boolean;
    }
  | { readonly at: "backingOff"; readonly until: number; readonly delay: number }
  /** A container whose program is not started again, or any of a pod that is being deleted. */
  | { readonly at: "exited" };

export type FailedStart = "ErrImagePull" | "ImagePullBackOff" | "CrashLoopBackOff";

export interface StartedContainer {
  readonly containerId: string;
  /** The image as the spec wrote it when this container was started. */
  readonly startedFrom: string;
  /** The image as the runtime names it. */
  readonly image: string;
  readonly imageId: string;
  readonly startedAt: number;
  /** Not the first container under this name: what the kubelet knew of the one before colours its first moments. */
  readonly follows: boolean;
  /** How fast this run goes, 0.75 … 1.25 of the usual times. */
  readonly pace: number;
}

export interface Exit {
  readonly containerId: string;
  readonly exitCode: number;
  readonly startedAt: number;
  readonly finishedAt: number;
}

export interface BackOff {
  readonly delay: number;
  readonly since: number;
}
