import { systemClock } from "../../cluster/environment.ts";
import { startDemoApiServer, startDemoManager } from "../demo/demoCluster.ts";
import { lineNarrator, type Narrator, terminalNarrator } from "../demo/narrator.ts";
import { type Promised, playStory } from "../demo/story.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { type Interrupt, untilInterrupted } from "../interrupt.ts";
import { packageFile } from "../packageFile.ts";
import { jsonLog } from "../terminal/log.ts";
import { type Style, type Symbols, styleFor, symbolsFor } from "../terminal/style.ts";
import { VERSION } from "../version.ts";

interface DemoOptions {
  readonly exit?: boolean;
  readonly port: number;
  readonly ascii?: boolean;
}

/** Plays the main story on an embedded cluster; on a terminal the cluster stays up afterwards. */
export async function demo(options: DemoOptions): Promise<void> {
  const stays = process.stdout.isTTY === true && !options.exit;
  const look = { style: styleFor(process.stdout), symbols: symbolsFor(options) };
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const narrator = canRedraw(process.stdout) ? terminalNarrator(process.stdout, look) : lineNarrator(write, look);
  const stop = untilInterrupted();
  const ends: (() => Promise<void>)[] = [];
  try {
    write(`${look.style.bold("sidecarset")} ${VERSION} ${look.symbols.dot} the main story on an embedded cluster`);
    const { demo, promises } = await playOnEmbeddedCluster(options, narrator, stop, ends);
    narrator.finish();
    for (const line of summary(promises, look)) write(line);
    if (stays) {
      for (const line of tryNext(demo.kubeconfigPath, look.style)) write(line);
      await stop.interrupted;
      return;
    }
    process.exitCode = promises.every(({ held }) => held) ? EXIT.done : EXIT.unexpected;
  } catch (error) {
    narrator.finish();
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

async function playOnEmbeddedCluster(
  options: DemoOptions,
  narrator: Narrator,
  stop: Interrupt,
  ends: (() => Promise<void>)[],
) {
  const log = jsonLog({ write: (line) => process.stderr.write(line), least: "error" });
  const environment = { clock: systemClock, random: Math.random, log };

  const starting = narrator.begin("API server", "starting");
  const demo = await startDemoApiServer({ environment, port: options.port });
  ends.push(() => demo.close());
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
  return { demo, promises };
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

function tryNext(kubeconfigPath: string, style: Style): string[] {
  return [
    "",
    style.bold("The cluster stays up. In another terminal try:"),
    `  export KUBECONFIG=${kubeconfigPath}`,
    "  kubectl scale deployment web-server -n ns-1 --replicas=20",
    `  kubectl patch scs test-sidecarset --type=json -p '[{"op":"replace","path":"/spec/containers/0/image","value":"logtail:1.0.2"}]'`,
    "  kubectl get pods -n ns-1 --watch",
    style.dim("Ctrl-C ends it and removes everything."),
  ];
}
