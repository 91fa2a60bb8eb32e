import { LiveBlock, type Screen } from "../terminal/liveBlock.ts";
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

export function terminalNarrator(screen: Screen, look: Look): Narrator {
  const block = new LiveBlock(screen, look.symbols.ellipsis);
  let view: StoryView = { steps: [], wave: undefined };
  let started = performance.now();
  const show = (next: StoryView): void => {
    view = next;
    block.show(storyLines(view, look));
  };
  const annotate = (lines: readonly string[]): void => {
    const last = view.steps.at(-1);
    if (last) show({ ...view, steps: view.steps.with(-1, { ...last, notes: [...last.notes, ...lines] }) });
  };
  return {
    begin(title, detail) {
      started = performance.now();
      const index = view.steps.length;
      const put = (step: Step): void => show({ ...view, steps: view.steps.toSpliced(index, 1, step) });
      put({ title, detail, state: "running", seconds: 0, notes: [] });
      return (outcome) => put(ended(title, outcome, started));
    },
    sample: (sample) => annotate(sampleLines(sample, look)),
    wave: (wave) => {
      const last = view.steps.at(-1);
      const running =
        last?.state === "running" ? view.steps.with(-1, { ...last, seconds: secondsSince(started) }) : view.steps;
      show({ steps: running, wave });
    },
    note: (line) => annotate([`  ${line}`]),
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
    seconds: secondsSince(started),
    notes: [],
  };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
