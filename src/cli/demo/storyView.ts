import type { Style, Symbols } from "../terminal/style.ts";
import { type Observation, type ObservedPod, unavailable } from "./observer.ts";

/** What the story has to tell so far; the renderers below are pure. */
export interface StoryView {
  readonly steps: readonly Step[];
  readonly wave: Wave | undefined;
}

export interface Step {
  readonly title: string;
  readonly detail: string;
  readonly state: "running" | "done" | "failed";
  readonly seconds: number;
  /** Lines that stay below it. */
  readonly notes: readonly string[];
}

/** One pod before and after the webhook. */
export interface Sample {
  readonly pod: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** The rollout as an observer of pods sees it. */
export interface Wave {
  readonly observation: Observation;
  readonly zoneOfNode: ReadonlyMap<string, string>;
  readonly image: string;
  readonly limit: number;
  /** Pods that the partition keeps on the old image. */
  readonly held: number;
}

export interface Look {
  readonly style: Style;
  readonly symbols: Symbols;
}

export function storyLines(view: StoryView, look: Look): string[] {
  return [
    ...view.steps.flatMap((step) => [stepLine(step, look), ...step.notes]),
    ...(view.wave ? waveLines(view.wave, look) : []),
  ];
}

export function stepLine(step: Step, { style, symbols }: Look): string {
  const mark = {
    done: style.green(symbols.done),
    running: style.cyan(symbols.running),
    failed: style.red(symbols.failed),
  }[step.state];
  const started = step.state === "running" && step.seconds === 0;
  const seconds = style.dim((started ? "" : `${step.seconds.toFixed(1)}s`).padStart(5));
  return `${mark} ${step.title.padEnd(12)} ${step.detail.padEnd(58)} ${seconds}`;
}

export function sampleLines(sample: Sample, { style, symbols }: Look): string[] {
  const side = (title: string, rows: readonly string[]) =>
    rows.map((row, index) => `    ${style.dim((index === 0 ? title : "").padEnd(7))} ${row}`);
  return [
    `  ${symbols.dot} one of them, ${style.bold(sample.pod)}:`,
    ...side("before", sample.before),
    ...side("after", sample.after),
  ];
}

export function waveLines(wave: Wave, { style, symbols }: Look): string[] {
  const pods = [...wave.observation.pods.values()];
  const zones = groupByZone(pods, wave);
  const squares = [...zones]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(
      ([zone, members]) => `${style.dim(zone)} ${members.map((pod) => square(pod, wave, style, symbols)).join(" ")}`,
    );
  const updated = pods.filter((pod) => pod.sidecarImage === wave.image).length;
  const down = wave.observation.unavailable;
  return [
    `    ${squares.join("   ")}`,
    `    ${updated}/${pods.length} on ${wave.image} ${symbols.dot} ${down} of at most ${wave.limit} unavailable ${symbols.dot} ${wave.held} held by partition`,
    style.dim(
      `    ${symbols.podNew} new, running  ${symbols.podRestarting} restarting its sidecar  ${symbols.podOld} old, running`,
    ),
  ];
}

function square(pod: ObservedPod, wave: Wave, style: Style, symbols: Symbols): string {
  if (unavailable(pod)) return style.yellow(symbols.podRestarting);
  return pod.sidecarImage === wave.image ? style.green(symbols.podNew) : symbols.podOld;
}

function groupByZone(pods: readonly ObservedPod[], wave: Wave): Map<string, ObservedPod[]> {
  const zones = new Map<string, ObservedPod[]>();
  for (const pod of [...pods].sort((a, b) => a.name.localeCompare(b.name))) {
    const zone = wave.zoneOfNode.get(pod.node) ?? "no zone";
    zones.set(zone, [...(zones.get(zone) ?? []), pod]);
  }
  return zones;
}
