/** `npx tsx docs/drawDemo.ts`: plays the demo and draws docs/demo.svg, the terminal half way through the gray release. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { createColors } from "picocolors";
import { startDemoApiServer, startDemoManager } from "../src/cli/demo/demoCluster.ts";
import type { Narrator } from "../src/cli/demo/narrator.ts";
import { unavailable } from "../src/cli/demo/observer.ts";
import { playStory } from "../src/cli/demo/story.ts";
import { type Step, sampleLines, storyLines, type Wave } from "../src/cli/demo/storyView.ts";
import { packageFile } from "../src/cli/packageFile.ts";
import { symbolsFor } from "../src/cli/terminal/style.ts";
import { systemClock } from "../src/cluster/environment.ts";

const look = { style: createColors(true), symbols: symbolsFor({}, {}) };

/** Keeps the frame in which most of the first half is done while sidecars restart. */
class FrameKeeper implements Narrator {
  frame: readonly string[] = [];
  #steps: Step[] = [];
  #started = performance.now();

  begin(title: string, detail: string) {
    const at = this.#steps.push({ title, detail, state: "running", seconds: 0, notes: [] }) - 1;
    const started = performance.now();
    this.#started = started;
    return (outcome: { readonly detail: string }): void => {
      const seconds = (performance.now() - started) / 1000;
      this.#steps[at] = { ...this.#steps[at]!, detail: outcome.detail, state: "done", seconds };
    };
  }

  sample(...[sample]: Parameters<Narrator["sample"]>): void {
    this.note(...sampleLines(sample, look));
  }

  note(...lines: string[]): void {
    const last = this.#steps.at(-1);
    if (last) this.#steps.splice(-1, 1, { ...last, notes: [...last.notes, ...lines] });
  }

  wave(wave: Wave): void {
    const pods = [...wave.observation.pods.values()];
    const restarting = pods.filter(unavailable).length;
    const updated = pods.filter((pod) => pod.sidecarImage === wave.image).length;
    if (wave.held === 0 || restarting < 2 || updated < pods.length / 2 || this.frame.length > 0) return;
    const seconds = (performance.now() - this.#started) / 1000;
    this.frame = storyLines({ steps: this.#steps.with(-1, { ...this.#steps.at(-1)!, seconds }), wave }, look);
  }

  finish(): void {}
}

const environment = { clock: systemClock, random: Math.random, log: () => {} };
const stop = new AbortController();
// The first start loads the sources one by one, which users of the built file never wait for.
await (await startDemoApiServer({ environment, port: 0 })).close();
const narrator = new FrameKeeper();
const starting = narrator.begin("API server", "");
const demo = await startDemoApiServer({ environment, port: 0 });
starting({ detail: `${demo.url}, 3 zones of 4 nodes` });
const managing = narrator.begin("Manager", "");
const manager = await startDemoManager(demo, { environment, signal: stop.signal });
managing({ detail: `webhook ${manager.url}, found through the API` });
await playStory({
  cluster: demo.cluster,
  environment,
  narrator,
  signal: stop.signal,
  sidecarSet: packageFile("examples/launch-article/sidecarset.yaml"),
  deployment: packageFile("examples/launch-article/web-server.yaml"),
});
stop.abort();
await manager.close();
await demo.close();
writeFileSync(resolve(import.meta.dirname, "demo.svg"), svg(["$ npm start", ...narrator.frame]));

function svg(lines: readonly string[]): string {
  const [width, height, line] = [690, lines.length * 21 + 26, 21];
  const rows = lines.map(
    (text, index) => `<text x="18" y="${index * line + 30}" xml:space="preserve">${spans(text)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13.5">
<title>The demo, half way through the gray release: six of twelve pods have the new image, three of them restart their sidecar</title>
<rect width="${width}" height="${height}" rx="8" fill="#16191f"/>
<g fill="#d8dee9">
${rows.join("\n")}
</g>
</svg>
`;
}

/** The few styles that the demo uses. */
function spans(text: string): string {
  const fills: Readonly<Record<string, string>> = {
    "32": "#8fce7a",
    "33": "#f2c55c",
    "36": "#6cc7dd",
    "31": "#ef6b73",
    "2": "#7d8899",
  };
  return text
    .split("\x1b[")
    .map((part, index) => {
      if (index === 0) return escaped(part);
      const [, code = "", rest = ""] = /^(\d+)m([\s\S]*)$/.exec(part) ?? [];
      if (rest === "") return "";
      const style = code === "1" ? ` font-weight="bold"` : fills[code] ? ` fill="${fills[code]}"` : "";
      return `<tspan${style}>${escaped(rest)}</tspan>`;
    })
    .join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
