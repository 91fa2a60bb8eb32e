import type { RolloutView } from "../../core/explanation/rolloutView.ts";
import type { KubeApi } from "../../kubeapi/connect.ts";
import { printData } from "../change/printObject.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { untilInterrupted } from "../interrupt.ts";
import { dnsLabel, preflight } from "../preflight.ts";
import { LiveBlock } from "../terminal/liveBlock.ts";
import { styleFor, symbolsFor } from "../terminal/style.ts";
import { allViews, viewOf } from "../view/clusterViews.ts";
import { statusLine, tableLines, treeLines, type ViewLook } from "../view/viewText.ts";
import { type Watching, watchRollout, watchStatuses } from "../view/watchViews.ts";
import { type ClusterOptions, withCluster } from "../withCluster.ts";

interface GetOptions extends ClusterOptions {
  readonly watch?: boolean;
  readonly systemNamespace: string;
  readonly ascii?: boolean;
  readonly output: "text" | "wide" | "json" | "yaml" | "jsonl" | "name";
}

/** How rollouts stand: all SidecarSets, or one with its pods; once, or as long as somebody watches. */
export async function get(name: string | undefined, options: GetOptions): Promise<void> {
  const systemNamespace = dnsLabel("--system-namespace", options.systemNamespace);
  if (options.watch && (options.output === "json" || options.output === "yaml")) {
    throw new CommandError(`-o ${options.output} is one document; with --watch say -o jsonl`, EXIT.usage);
  }
  await withCluster(options, async (cluster) => {
    if (name !== undefined) await preflight(cluster, systemNamespace);
    if (options.watch) return watch(cluster, name, { ...options, systemNamespace });
    if (name === undefined) return printAll(await allViews(cluster), options);
    return printOne(await viewOf(cluster, name, systemNamespace), options);
  });
}

async function printAll(views: readonly RolloutView[], options: GetOptions): Promise<void> {
  const { output } = options;
  const generatedAt = new Date().toISOString();
  if (output === "json" || output === "yaml") {
    await printData(output, { ...VERSION, kind: "RolloutViewList", generatedAt, items: views });
  } else if (output === "jsonl") for (const view of views) printLine(JSON.stringify(asObject(view)));
  else if (output === "name") for (const view of views) printLine(named(view));
  else printLines(tableLines(views, output === "wide", lookOf(options)));
}

async function printOne(view: RolloutView, options: GetOptions): Promise<void> {
  const { output } = options;
  if (output === "json" || output === "yaml") await printData(output, asObject(view));
  else if (output === "jsonl") printLine(JSON.stringify(asObject(view)));
  else if (output === "name") printLine(named(view));
  else printLines(treeLines(view, lookOf(options)));
}

async function watch(cluster: KubeApi, name: string | undefined, options: GetOptions): Promise<void> {
  const interrupt = untilInterrupted();
  const isLive = options.output !== "jsonl" && options.output !== "name" && process.stdout.isTTY;
  const block = isLive ? new LiveBlock(process.stdout, lookOf(options).symbols.ellipsis) : undefined;
  let last: readonly RolloutView[] = [];
  const draw = (views: readonly RolloutView[]) => {
    last = views;
    const [only] = views;
    const look = lookOf(options);
    block?.show(
      name !== undefined && only ? treeLines(only, look) : tableLines(views, options.output === "wide", look),
    );
  };
  const tell = changesTold(options, name === undefined);
  const show = block ? draw : tell;
  // Ages go on while nothing changes.
  const ticking = block && setInterval(() => draw(last), 1000);
  const watching: Watching = {
    cluster,
    signal: interrupt.signal,
    onTrouble: (message) => block ?? process.stderr.write(`note: ${message}\n`),
  };
  try {
    if (name === undefined) await watchStatuses(watching, undefined, show);
    else await watchRollout(watching, { ...options, name }, (view) => show(view ? [view] : []));
  } finally {
    clearInterval(ticking);
    block?.finish();
    interrupt.release();
  }
  process.exitCode = EXIT.interrupted;
}

/** One line for each SidecarSet whose line has changed. */
function changesTold(options: GetOptions, isNamed: boolean): (views: readonly RolloutView[]) => void {
  const told = new Map<string, string>();
  return (views) => {
    for (const view of views) {
      const line = options.output === "jsonl" ? JSON.stringify(view) : statusLine(view);
      if (told.get(view.sidecarSet) === line) continue;
      told.set(view.sidecarSet, line);
      if (options.output === "jsonl") printLine(JSON.stringify(asObject(view)));
      else if (options.output === "name") printLine(named(view));
      else printLine(`${clock()} ${isNamed ? `${view.sidecarSet}  ` : ""}${line}`);
    }
    for (const name of told.keys()) {
      if (views.some(({ sidecarSet }) => sidecarSet === name)) continue;
      told.delete(name);
      if (options.output !== "jsonl" && options.output !== "name") printLine(`${clock()} ${name}  deleted`);
    }
  };
}

const VERSION = { apiVersion: "cli.sidecarset/v1" } as const;

function asObject(view: RolloutView): object {
  return { ...VERSION, kind: "RolloutView", generatedAt: new Date().toISOString(), ...view };
}

function named({ sidecarSet }: RolloutView): string {
  return `sidecarset.apps.kruise.io/${sidecarSet}`;
}

function lookOf({ ascii }: GetOptions): ViewLook {
  return {
    style: styleFor(process.stdout),
    symbols: symbolsFor({ ascii: ascii ?? false }),
    now: Date.now(),
    columns: process.stdout.columns || 100,
  };
}

/** `14:05:02` */
export function clock(): string {
  return new Date().toTimeString().slice(0, 8);
}

function printLines(lines: readonly string[]): void {
  for (const line of lines) printLine(line);
}

function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
