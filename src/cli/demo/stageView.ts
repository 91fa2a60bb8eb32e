import type { Pod } from "../../core/kube/pod.ts";
import { LiveBlock, type Screen } from "../terminal/liveBlock.ts";
import { isReady, sidecarImage } from "./scenarios/scenario.ts";
import type { Look } from "./storyView.ts";

/** Shows a lesson as it happens. */
export interface StageView {
  say(line: string): void;
  /** Something was done that has no command. */
  done(line: string): void;
  typed(command: string): void;
  printed(output: string): void;
  /** Called again and again while something is waited for. */
  waiting(what: string, pods: readonly Pod[]): void;
  /** What was waited for has come true. */
  rested(pods: readonly Pod[]): void;
}

/** @param screen where a line may be drawn over while we wait; undefined: nowhere */
export function stageView(write: (line: string) => void, look: Look, screen: Screen | undefined): StageView {
  const { style, symbols } = look;
  const block = screen && new LiveBlock(screen, symbols.ellipsis);
  let told = "";
  return {
    say: (line) => write(`\n${style.bold(line)}`),
    done: (line) => write(`  ${style.green(symbols.done)} ${line}`),
    typed: (command) => write(`${style.cyan("$")} ${command}`),
    printed(output) {
      for (const line of output.trimEnd().split("\n")) write(line === "" ? "" : `  ${line}`);
    },
    waiting: (what, pods) => block?.show([`  ${style.cyan(symbols.running)} ${podsLine(pods)}; until ${what}`]),
    rested(pods) {
      const line = `  ${style.green(symbols.done)} ${podsLine(pods)}`;
      block?.show([line]);
      block?.finish();
      if (!block && line !== told) write(line);
      told = line;
    },
  };
}

/** `8 pods with logtail:1.0.0, 4 with logtail:1.0.1; 2 not ready` */
function podsLine(pods: readonly Pod[]): string {
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const image = sidecarImage(pod) ?? imageOfPair(pod) ?? "no sidecar";
    counts.set(image, (counts.get(image) ?? 0) + 1);
  }
  const parts = [...counts].sort().map(([image, count]) => `${count} with ${image}`);
  const unready = pods.filter((pod) => !isReady(pod)).length;
  return `${pods.length} pods${parts.length === 0 ? "" : `: ${parts.join(", ")}`}; ${unready} not ready`;
}

function imageOfPair({ spec }: Pod): string | undefined {
  const images = spec.containers.filter(({ name }) => /^logtail-[12]$/.test(name)).map(({ image }) => image);
  return images.length === 0 ? undefined : images.join(" and ");
}
