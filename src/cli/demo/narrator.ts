import { LiveBlock } from "../terminal/liveBlock.ts";
import {
  type Look,
  type Sample,
  type Step,
  type StoryView,
  sampleLines,
  stepLine,
  storyLines,
  type Wave,
  waveLines,
} from "./storyView.ts";

/** Tells the story as it happens: one redrawn block on a terminal, one line per step anywhere else. */
export interface Narrator {
  /** Begins a step; the returned function says how it ended. */
  begin(title: string, detail: string): (outcome: { readonly detail: string; readonly failed?: boolean }) => void;
  sample(sample: Sample): void;
  wave(wave: Wave): void;
  /** A line below the step that has just ended. */
  note(line: string): void;
  finish(): void;
}

export function terminalNarrator(stream: NodeJS.WriteStream, look: Look): Narrator {
  const block = new LiveBlock(stream);
  let view: StoryView = { steps: [], sample: undefined, wave: undefined };
  const show = (next: StoryView): void => {
    view = next;
    block.show(storyLines(view, look));
  };
  return {
    begin(title, detail) {
      const started = performance.now();
      const index = view.steps.length;
      const put = (step: Step): void => show({ ...view, steps: view.steps.toSpliced(index, 1, step) });
      put({ title, detail, state: "running", seconds: 0 });
      return (outcome) => put(ended(title, outcome, started));
    },
    sample: (sample) => show({ ...view, sample }),
    wave: (wave) => show({ ...view, wave }),
    note: (line) =>
      show({
        ...view,
        steps: view.steps.map((step, at) => (at === view.steps.length - 1 ? { ...step, note: line } : step)),
      }),
    finish: () => block.finish(),
  };
}

export function lineNarrator(write: (line: string) => void, look: Look): Narrator {
  let lastWave: Wave | undefined;
  return {
    begin(title) {
      const started = performance.now();
      return (outcome) => {
        write(stepLine(ended(title, outcome, started), look).trimEnd());
        if (lastWave) write(waveLines(lastWave, look)[1]!);
        lastWave = undefined;
      };
    },
    sample(sample) {
      for (const line of sampleLines(sample, look)) write(line);
    },
    wave: (wave) => {
      lastWave = wave;
    },
    note: (line) => write(`  ${line}`),
    finish: () => {},
  };
}

function ended(title: string, outcome: { detail: string; failed?: boolean }, started: number): Step {
  return {
    title,
    detail: outcome.detail,
    state: outcome.failed ? "failed" : "done",
    seconds: (performance.now() - started) / 1000,
  };
}
