import type { Container } from "../../core/kube/pod.ts";
import type { ContainerImages } from "./containerImages.ts";
import type { StartedContainer } from "./containerRecord.ts";
import { type KubeletTiming, lasting } from "./kubeletTiming.ts";

export interface ProbeResults {
  readonly started: boolean;
  readonly ready: boolean;
  /** When they change next; undefined when they stay. */
  readonly until: number | undefined;
}

/**
 * What the probes of a running container say at `now`. A container that follows another one under the same name keeps the answer
 * "started" of that one until its startup probe is looked at for the first time: with a startup probe and no readiness probe it is
 * called ready for about a second before it is.
 */
export function probeResults(
  container: Container,
  run: StartedContainer,
  now: number,
  { timing, images }: { readonly timing: KubeletTiming; readonly images: ContainerImages },
): ProbeResults {
  const firstLook = run.startedAt + delayOf(container.startupProbe) + lasting("firstProbe", { timing, pace: run.pace });
  const startsAt = container.startupProbe ? firstLook + lasting("warmUp", { timing, pace: run.pace }) : run.startedAt;
  const warmUp = Math.max(delayOf(container.readinessProbe), lasting("warmUp", { timing, pace: run.pace }));
  const passes = images.becomesReady(run.startedFrom);
  const readyAt = !container.readinessProbe ? startsAt : passes ? startsAt + warmUp : Number.POSITIVE_INFINITY;

  const stale = container.startupProbe !== undefined && run.follows && now < firstLook;
  const started = stale || now >= startsAt;
  const ready = container.readinessProbe ? now >= readyAt : started;
  const changes = [stale ? firstLook : startsAt, startsAt, readyAt].filter((at) => at > now && Number.isFinite(at));
  return { started, ready, until: changes.length > 0 ? Math.min(...changes) : undefined };
}

function delayOf(probe: unknown): number {
  const seconds = (probe as { initialDelaySeconds?: number } | undefined)?.initialDelaySeconds;
  return (seconds ?? 0) * 1000;
}
