import { type Environment, systemClock } from "../../cluster/environment.ts";
import { type DemoCluster, startDemoApiServer, startDemoManager } from "../demo/demoCluster.ts";
import { lineNarrator, terminalNarrator } from "../demo/narrator.ts";
import { SCENARIO_NAMES, type ScenarioName } from "../demo/scenarios/scenarioNames.ts";
import { type Promised, playStory } from "../demo/story.ts";
import type { Look } from "../demo/storyView.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { type Interrupt, untilInterrupted } from "../interrupt.ts";
import { packageFile } from "../packageFile.ts";
import { programName } from "../programName.ts";
import type { Manager } from "../startManager.ts";
import { jsonLog } from "../terminal/log.ts";
import { type Style, type Symbols, styleFor, symbolsFor } from "../terminal/style.ts";
import { VERSION } from "../version.ts";

interface DemoOptions {
  readonly scenario?: ScenarioName;
  /** How many times as fast as usual containers start and stop. */
  readonly speed: number;
  readonly exit?: boolean;
  readonly port: number;
  readonly ascii?: boolean;
}

/** What the demo is played with. */
interface Theatre {
  readonly options: DemoOptions;
  readonly environment: Environment;
  readonly look: Look;
  readonly write: (line: string) => void;
  readonly stop: Interrupt;
  /** Done in the reverse order in the end. */
  readonly ends: (() => Promise<void>)[];
}

interface Played {
  readonly promises: readonly Promised[];
  /** What to try while the cluster stays up. */
  readonly tryNext: readonly string[];
}

/** Plays the main story, or a lesson, on an embedded cluster; on a terminal the cluster stays up afterwards. */
export async function demo(options: DemoOptions): Promise<void> {
  const stays = process.stdout.isTTY === true && !options.exit;
  const look = { style: styleFor(process.stdout), symbols: symbolsFor(options) };
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const log = jsonLog({ write: (line) => process.stderr.write(line), least: "error" });
  const environment = { clock: systemClock, random: Math.random, log };
  const theatre: Theatre = { options, environment, look, write, stop: untilInterrupted(), ends: [] };
  const { stop, ends } = theatre;
  try {
    const { promises, tryNext } = await (options.scenario ? lesson(options.scenario, theatre) : mainStory(theatre));
    for (const line of summary(promises, look)) write(line);
    if (stays) {
      for (const line of stayingUp(tryNext, look.style)) write(line);
      await stop.interrupted;
      return;
    }
    process.exitCode = promises.every(({ held }) => held) ? EXIT.done : EXIT.unexpected;
  } catch (error) {
    if (!stop.signal.aborted)
      throw error instanceof Error && error.name === "Error" ? new CommandError(error.message) : error;
    write("Interrupted; the embedded cluster and its kubeconfig are removed.");
    process.exitCode = EXIT.interrupted;
  } finally {
    for (const end of ends.reverse()) await end();
    stop.release();
  }
}

/** A dumb terminal cannot move its cursor back. */
function canRedraw(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && process.env.TERM !== "dumb";
}

async function startCluster({ options, environment, ends }: Theatre, nodesPerZone = 4): Promise<DemoCluster> {
  const demo = await startDemoApiServer({ environment, port: options.port, speed: options.speed, nodesPerZone });
  ends.push(() => demo.close());
  return demo;
}

async function mainStory(theatre: Theatre): Promise<Played> {
  const { environment, look, write, stop, ends } = theatre;
  const narrator = canRedraw(process.stdout) ? terminalNarrator(process.stdout, look) : lineNarrator(write, look);
  write(`${look.style.bold("sidecarset")} ${VERSION} ${look.symbols.dot} the main story on an embedded cluster`);
  try {
    const starting = narrator.begin("API server", "starting");
    const demo = await startCluster(theatre);
    starting({ detail: `${demo.url}, 3 zones of 4 nodes` });
    narrator.note(`export KUBECONFIG=${demo.kubeconfigPath}`);

    const managing = narrator.begin("Manager", "starting");
    const manager = await startDemoManager(demo, { environment, signal: stop.signal });
    ends.push(() => manager.close());
    managing({ detail: `webhook ${manager.url}, found through the API` });

    const promises = await playStory({
      cluster: demo.cluster,
      environment,
      narrator,
      signal: stop.signal,
      sidecarSet: packageFile("examples/launch-article/sidecarset.yaml"),
      deployment: packageFile("examples/launch-article/web-server.yaml"),
    });
    const tryNext = [
      `export KUBECONFIG=${demo.kubeconfigPath}`,
      "kubectl scale deployment web-server -n ns-1 --replicas=20",
      `${programName()} set image test-sidecarset logtail=logtail:1.0.2`,
      "kubectl get pods -n ns-1 --watch",
      `${programName()} demo --scenario ${SCENARIO_NAMES.join("|")}`,
    ];
    return { promises, tryNext };
  } finally {
    narrator.finish();
  }
}

/** Where commands run beside the story, what they print stands between its lines. */
async function lesson(name: ScenarioName, theatre: Theatre): Promise<Played> {
  const { environment, look, write, stop, ends } = theatre;
  const { SCENARIOS } = await import("../demo/scenarios/everyScenario.ts");
  const { playScenario } = await import("../demo/stage.ts");
  const { stageView } = await import("../demo/stageView.ts");
  const scenario = SCENARIOS[name];
  write(`${look.style.bold("sidecarset")} ${VERSION} ${look.symbols.dot} ${name}: ${scenario.teaches}`);
  const demo = await startCluster(theatre, scenario.nodesPerZone);
  write(`  export KUBECONFIG=${demo.kubeconfigPath}`);
  let manager: Manager | undefined;
  const managers = {
    async start() {
      manager ??= await startDemoManager(demo, { environment, signal: stop.signal });
    },
    async stop() {
      await manager?.close();
      manager = undefined;
    },
  };
  ends.push(managers.stop);
  const view = stageView(write, look, canRedraw(process.stdout) ? process.stdout : undefined);
  const { promises, explaining } = await playScenario(scenario, {
    demo,
    environment,
    signal: stop.signal,
    view,
    managers,
  });
  write(`\nWhat explains it: ${look.style.bold(explaining)}`);
  return { promises, tryNext: [`export KUBECONFIG=${demo.kubeconfigPath}`, explaining] };
}

/** The closing figures, as an observer of the API saw them. */
function summary(promises: readonly Promised[], { style, symbols }: { style: Style; symbols: Symbols }): string[] {
  return [
    "",
    style.bold("What an observer of the API saw"),
    ...promises.map(
      ({ name, seen, held }) =>
        `  ${held ? style.green(symbols.done) : style.red(symbols.failed)} ${name.padEnd(34)} ${seen}`,
    ),
  ];
}

function stayingUp(tryNext: readonly string[], style: Style): string[] {
  return [
    "",
    style.bold("The cluster stays up. In another terminal try:"),
    ...tryNext.map((line) => `  ${line}`),
    style.dim("Ctrl-C ends it and removes everything."),
  ];
}
