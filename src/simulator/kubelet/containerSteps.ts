import { unreachable } from "../../core/result.ts";
import { type ContainerImages, imageId, runtimeName } from "./containerImages.ts";
import type { BackOff, ContainerLife, ContainerRecord, Exit, FailedStart } from "./containerRecord.ts";
import { type KubeletTiming, lasting } from "./kubeletTiming.ts";

/** What a step depends on besides the record. `pace` is one draw for all containers that act in the same moment. */
export interface StepContext {
  readonly now: number;
  readonly pace: number;
  readonly timing: KubeletTiming;
  readonly images: ContainerImages;
  readonly newContainerId: () => string;
}

const BACK_OFF = { first: 10_000, longest: 300_000, forgottenAfter: 600_000 };
const PULL_ATTEMPT = 800;
/** When the kubelet looks again at a pod whose last attempt failed. What an attempt came to is told at the next look. */
const NEXT_LOOK = 12_000;

/** The record as it stands at `now`. */
export function advanceContainer(record: ContainerRecord, context: StepContext): ContainerRecord {
  for (let state = record; ; ) {
    const next = dueStep(state, context);
    if (!next) return state;
    state = next;
  }
}

/** When the container does something by itself next; undefined when it waits for others. */
export function containerWake(record: ContainerRecord, { timing, images }: StepContext): number | undefined {
  const { life } = record;
  if ("until" in life) return life.until;
  return life.at === "running" ? endOfRun(record, timing, images) : undefined;
}

/** Its turn has come. */
export function startContainer(record: ContainerRecord, context: StepContext): ContainerRecord {
  return { ...record, life: starting(context.now, context) };
}

/** The spec asks for another image: the running container is stopped before anything is known about the new one. */
export function changeImage(record: ContainerRecord, image: string, context: StepContext): ContainerRecord {
  const changed = { ...record, wanted: image };
  switch (record.life.at) {
    case "running":
      return { ...changed, life: { at: "stopping", until: context.now + lasting("stop", context) } };
    case "starting":
      return { ...changed, life: { ...record.life, until: context.now + lasting("start", context) } };
    case "imageFailed":
    case "backingOff":
      return stillTelling(failedNext(record, context), restarting(changed, record.lastExit, context));
    case "waiting":
    case "stopping":
    case "exited":
      return changed;
    default:
      return unreachable(record.life);
  }
}

/** What the attempt came to that is told next. */
function failedNext(record: ContainerRecord, context: StepContext): FailedStart {
  const { life } = record;
  const next = life.at === "imageFailed" ? afterPullFailure(record, life, context) : undefined;
  return next?.at === "imageFailed" ? next.reason : "CrashLoopBackOff";
}

function stillTelling(failed: FailedStart, record: ContainerRecord): ContainerRecord {
  return record.life.at === "starting" && record.current ? { ...record, life: { ...record.life, failed } } : record;
}

/** The pod is being deleted. */
export function endContainer(record: ContainerRecord, now: number): ContainerRecord {
  const running = record.life.at === "running" || record.life.at === "stopping";
  return { ...record, life: { at: "exited" }, lastExit: running ? exitOf(record, 0, now) : record.lastExit };
}

function dueStep(record: ContainerRecord, context: StepContext): ContainerRecord | undefined {
  const { life } = record;
  const due = containerWake(record, context);
  if (due === undefined || due > context.now) return undefined;
  switch (life.at) {
    case "starting":
      return context.images.canPull(record.wanted)
        ? started({ ...record, lastExit: life.after ?? record.lastExit }, due, context)
        : { ...record, lastExit: life.after ?? record.lastExit, life: firstPullFailed(record, due, context) };
    case "running":
      return ended(record, due, context);
    case "stopping":
      return stopped(record, due, context);
    case "imageFailed":
      return { ...record, life: afterPullFailure(record, life, context) };
    case "backingOff":
      return { ...restarting(record, undefined, { ...context, now: due }), life: { at: "starting", until: due } };
    case "waiting":
    case "exited":
      return undefined;
    default:
      return unreachable(life);
  }
}

function starting(from: number, { timing, pace }: StepContext): ContainerLife {
  return { at: "starting", until: from + lasting("start", { timing, pace }) };
}

function started(record: ContainerRecord, at: number, context: StepContext): ContainerRecord {
  const before = record.current;
  const id = imageId(record.wanted, context.images);
  // The runtime knows an image by its content and reports the name it learned first.
  const image = before?.imageId === id ? before.image : runtimeName(record.wanted);
  return {
    ...record,
    life: { at: "running" },
    current: {
      containerId: context.newContainerId(),
      startedFrom: record.wanted,
      image,
      imageId: id,
      startedAt: at,
      follows: before !== undefined,
      pace: context.pace,
    },
    restartCount: record.restartCount + (before ? 1 : 0),
  };
}

/** The whole restart is told in one report, so the end stays untold while the next container starts at once. */
function stopped(record: ContainerRecord, at: number, context: StepContext): ContainerRecord {
  const exit = exitOf(record, 0, at);
  const next = restarting(record, record.lastExit, { ...context, now: at });
  return next.life.at === "starting" && exit
    ? { ...next, life: { ...next.life, after: exit } }
    : { ...next, lastExit: exit };
}

function ended(record: ContainerRecord, at: number, context: StepContext): ContainerRecord {
  const exitCode = context.images.crashes(record.wanted) ? 1 : 0;
  const exit = exitOf(record, exitCode, at);
  const over = record.restarts === "never" || (record.restarts === "onFailure" && exitCode === 0);
  if (over) return { ...record, life: { at: "exited" }, lastExit: exit };
  return restarting({ ...record, lastExit: exit }, exit, { ...context, now: at });
}

/** When the program ends by itself: one that completes does, and one that crashes. */
function endOfRun(record: ContainerRecord, timing: KubeletTiming, images: ContainerImages): number | undefined {
  const { current } = record;
  if (!current) return undefined;
  if (images.crashes(record.wanted)) return current.startedAt + lasting("crash", { timing, pace: current.pace });
  if (!record.completes) return undefined;
  const step = record.role === "init" ? "initRun" : "jobRun";
  return current.startedAt + lasting(step, { timing, pace: current.pace });
}

/**
 * Starts the container again, or makes it wait. The wait belongs to the image: the first start of an image after an end is free, a
 * second one soon after the end that came before waits 10 s, then 20 s and so on. `knownExit` is the last end the kubelet had seen
 * when it decided; the end of the container it has just stopped itself is not yet among them.
 */
function restarting(record: ContainerRecord, knownExit: Exit | undefined, context: StepContext): ContainerRecord {
  const { now } = context;
  const entry = freshEntry(record.backOff[record.wanted], now);
  const until = knownExit && entry ? knownExit.finishedAt + entry.delay : now;
  if (entry && until > now) return { ...record, life: { at: "backingOff", until, delay: entry.delay } };
  if (!knownExit && record.life.at !== "backingOff") return { ...record, life: starting(now, context) };
  const delay = entry ? Math.min(entry.delay * 2, BACK_OFF.longest) : BACK_OFF.first;
  const backOff = { ...record.backOff, [record.wanted]: { delay, since: now } };
  return { ...record, backOff, life: starting(now, context) };
}

function freshEntry(entry: BackOff | undefined, now: number): BackOff | undefined {
  return entry && now - entry.since <= BACK_OFF.forgottenAfter ? entry : undefined;
}

type ImageFailed = ContainerLife & { readonly at: "imageFailed" };

function firstPullFailed({ current, lastExit }: ContainerRecord, at: number, context: StepContext): ImageFailed {
  const until = at + (current ? nextLook(context) : PULL_ATTEMPT);
  return { at: "imageFailed", reason: "ErrImagePull", until, failures: 0, endedBefore: lastExit !== undefined };
}

/**
 * Where a container ran before, its end belongs to the back-off of crashes as well: if another one had ended before it, the kubelet calls
 * the wait after the first failed pull a crash loop.
 */
function afterPullFailure(record: ContainerRecord, life: ImageFailed, context: StepContext): ContainerLife {
  const { until, failures, reason, endedBefore } = life;
  const told = record.current ? nextLook(context) : PULL_ATTEMPT;
  if (reason !== "ErrImagePull")
    return context.images.canPull(record.wanted)
      ? starting(until, context)
      : { ...life, reason: "ErrImagePull", until: until + told, failures: failures + 1 };
  const delay = Math.min(BACK_OFF.first * 2 ** failures, BACK_OFF.longest);
  if (!record.current) return { ...life, reason: "ImagePullBackOff", until: until + delay };
  const crashed = failures === 0 && endedBefore;
  return {
    ...life,
    reason: crashed ? "CrashLoopBackOff" : "ImagePullBackOff",
    until: until + Math.max(told, delay - told),
  };
}

function nextLook({ pace }: StepContext): number {
  return Math.round(NEXT_LOOK * pace);
}

function exitOf(record: ContainerRecord, exitCode: number, finishedAt: number): Exit | undefined {
  const { current } = record;
  return current && { containerId: current.containerId, exitCode, startedAt: current.startedAt, finishedAt };
}
