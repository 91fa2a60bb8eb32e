import type { RolloutView } from "../../core/explanation/rolloutView.ts";
import { printData } from "../change/printObject.ts";
import { storedSet } from "../change/storedSet.ts";
import { CommandError, EXIT } from "../exitCode.ts";
import { untilInterrupted } from "../interrupt.ts";
import { commandFor } from "../programName.ts";
import { statusLine } from "../view/viewText.ts";
import { watchStatuses } from "../view/watchViews.ts";
import { type ClusterOptions, withCluster } from "../withCluster.ts";
import { clock } from "./get.ts";

/** What is waited for. */
type Goal = "step" | "done";

interface StatusOptions extends ClusterOptions {
  readonly watch: "true" | "false";
  readonly until: Goal;
  /** Milliseconds; undefined: for ever. */
  readonly timeout?: number;
  readonly output: "text" | "json" | "yaml" | "name";
}

/** For scripts: one line per change, until the rollout is where it is to be, blocked, or time is up. The exit code tells which. */
export async function status(name: string, options: StatusOptions): Promise<void> {
  const interrupt = untilInterrupted();
  const end = new AbortController();
  const timeoutMs = options.watch === "false" ? 0 : options.timeout;
  try {
    const view = await withCluster(options, async (cluster) => {
      await storedSet(cluster, name);
      let last: RolloutView | undefined;
      let told = "";
      const timer = timeoutMs ? setTimeout(() => end.abort(), timeoutMs) : undefined;
      const signal = AbortSignal.any([end.signal, interrupt.signal]);
      const onTrouble = (message: string) => process.stderr.write(`note: ${message}\n`);
      try {
        await watchStatuses({ cluster, signal, onTrouble }, name, ([view]) => {
          last = view;
          const line = view ? statusLine(view) : "deleted";
          if (line !== told && options.output === "text") process.stdout.write(`${clock()} ${line}\n`);
          told = line;
          if (!view || reached(view, options.until) || view.phase === "Blocked" || timeoutMs === 0) end.abort();
        });
      } finally {
        clearTimeout(timer);
      }
      return last;
    });
    if (interrupt.signal.aborted) {
      process.exitCode = EXIT.interrupted;
      return;
    }
    if (!view) throw new CommandError(`SidecarSet "${name}" was deleted`);
    await print(view, options);
    conclude(view, options);
  } finally {
    interrupt.release();
  }
}

/** All that the strategy allows is updated and ready; for `done` that is every pod. */
function reached({ phase, pods }: RolloutView, until: Goal): boolean {
  if (phase === "NotObserved" || phase === "Progressing" || phase === "Blocked") return false;
  const isReady = pods.updatedReady === pods.updated;
  return isReady && (until === "step" || pods.updated === pods.matched);
}

async function print(view: RolloutView, { output }: StatusOptions): Promise<void> {
  const object = {
    apiVersion: "cli.sidecarset/v1",
    kind: "RolloutView",
    generatedAt: new Date().toISOString(),
    ...view,
  };
  if (output === "name") process.stdout.write(`sidecarset.apps.kruise.io/${view.sidecarSet}\n`);
  else if (output !== "text") await printData(output, object);
}

function conclude(view: RolloutView, options: StatusOptions): void {
  if (reached(view, options.until)) return;
  const see = seeText(view, options);
  if (view.phase === "Blocked") throw new CommandError(`the rollout is blocked: ${view.message}${see}`, EXIT.blocked);
  const state = view.phase === "NotObserved" ? view.message : statusLine(view).replaceAll(/ +/g, " ");
  throw new CommandError(`not there in time (--until=${options.until}): ${state}${see}`, EXIT.timeout);
}

/** The command that says why. */
function seeText({ waiting, sidecarSet }: RolloutView, options: StatusOptions): string {
  // Those that wait for their turn come last, and say most.
  const [example] = waiting.findLast(({ about }) => about === "update")?.examples ?? [];
  const [namespace, pod] = example?.split("/") ?? [];
  const words =
    namespace === undefined || pod === undefined ? ["get", sidecarSet] : ["explain", `pod/${pod}`, "-n", namespace];
  return `\nsee: ${commandFor(words, options)}`;
}
