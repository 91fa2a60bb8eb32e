import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { type Environment, sleep } from "../../cluster/environment.ts";
import { DEPLOYMENTS, NAMESPACES, PODS, SIDECAR_SETS } from "../../cluster/resource.ts";
import type { KubeObject } from "../../core/kube/object.ts";
import { commandFor } from "../programName.ts";
import type { DemoCluster } from "./demoCluster.ts";
import { restartedAppContainers } from "./observer.ts";
import { type PodObserver, startPodObserver } from "./podObserver.ts";
import { NAMESPACE, type Scenario, type Stage, type StoredSet } from "./scenarios/scenario.ts";
import type { StageView } from "./stageView.ts";
import type { Promised } from "./story.ts";

export interface StageInput {
  readonly demo: DemoCluster;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly view: StageView;
  readonly managers: { start(): Promise<void>; stop(): Promise<void> };
}

export interface PlayedScenario {
  readonly promises: readonly Promised[];
  /** The last command that explained something. */
  readonly explaining: string;
}

const PAIR = ["logtail-1", "logtail-2"];
const PATIENCE_MS = 120_000;
const LOOK_MS = 50;
/** How long "nothing happens" is watched before we believe it. */
const QUIET_MS = 1_500;
const TYPES = { "sidecarset/log-agent": SIDECAR_SETS, "deployment/web": DEPLOYMENTS } as const;

/** Plays a lesson to its end. Rejects with an Error that says what did not happen in time. */
export async function playScenario(scenario: Scenario, input: StageInput): Promise<PlayedScenario> {
  const end = new AbortController();
  const signal = AbortSignal.any([input.signal, end.signal]);
  const { cluster } = input.demo;
  await cluster.create(NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const options = { cluster, environment: input.environment, signal, namespace: NAMESPACE };
  const observer = await startPodObserver({ ...options, labelSelector: "app=web", sidecar: "logtail", pair: PAIR });
  const promises: Promised[] = [];
  let explaining = "";
  const onExplain = (command: string): void => {
    explaining = command;
  };
  try {
    await input.managers.start();
    await scenario.play(stageOf({ ...input, signal }, { observer, promises, onExplain }));
    return { promises: [...promises, ...kept(observer)], explaining };
  } finally {
    end.abort();
  }
}

/** What an observer of the pods saw since nobody was to notice. */
function kept(observer: PodObserver): readonly Promised[] {
  const seen = observer.observation();
  if (seen.baseline === undefined) return [];
  const restarted = restartedAppContainers(seen);
  return [
    { name: "pods recreated", seen: `${seen.recreated}`, held: seen.recreated === 0 },
    { name: "application containers restarted", seen: `${restarted}`, held: restarted === 0 },
  ];
}

interface Props {
  readonly observer: PodObserver;
  /** What is promised is added. */
  readonly promises: Promised[];
  readonly onExplain: (command: string) => void;
}

function stageOf(input: StageInput, { observer, promises, onExplain }: Props): Stage {
  const { demo, environment, signal, view, managers } = input;
  const { cluster } = demo;
  const { clock } = environment;
  return {
    say: (line) => view.say(line),
    async apply(...objects) {
      for (const object of objects) {
        await cluster.create(object.kind === "Deployment" ? DEPLOYMENTS : SIDECAR_SETS, object);
        view.done(`${object.kind} ${object.metadata.name!} created`);
      }
    },
    async type(words, exits = 0) {
      view.typed(commandFor(words));
      const { code, output } = await runProgram(words, demo.kubeconfigPath, signal);
      view.printed(output);
      if (words[0] === "explain") onExplain(commandFor(words));
      if (code !== exits) throw new Error(`${commandFor(words)} ended with ${code}, not with ${exits}`);
    },
    async patch(what, patch) {
      const [kind, name] = what.split("/") as [string, string];
      const namespace = kind === "deployment" ? NAMESPACE : undefined;
      const type = TYPES[what];
      const flags = namespace === undefined ? " --type=merge" : ` -n ${namespace}`;
      view.typed(`kubectl patch ${what}${flags} -p '${JSON.stringify(patch)}'`);
      await cluster.patch(
        type,
        { name, ...(namespace && { namespace }) },
        { type: namespace ? "strategic" : "merge", patch },
      );
      view.printed(`${what} patched\n`);
    },
    async deletePod(name) {
      view.typed(`kubectl delete pod ${name} -n ${NAMESPACE}`);
      await cluster.delete(PODS, { namespace: NAMESPACE, name });
      view.printed(`pod "${name}" deleted\n`);
    },
    pods: () => observer.pods(),
    set: () => cluster.get<StoredSet & KubeObject>(SIDECAR_SETS, { name: "log-agent" }),
    async until(what, condition, patienceMs = PATIENCE_MS) {
      const deadline = clock.now() + patienceMs;
      while (!(await condition())) {
        signal.throwIfAborted();
        if (clock.now() > deadline) throw new Error(`after ${patienceMs / 1000} s still not: ${what}`);
        view.waiting(what, observer.pods());
        await sleep(clock, LOOK_MS, signal);
      }
      view.rested(observer.pods());
    },
    async watchAWhile() {
      await sleep(clock, QUIET_MS, signal);
      signal.throwIfAborted();
    },
    nobodyNotices: () => observer.startCounting(),
    promise: (name, seen, held) => void promises.push({ name, seen, held }),
    startManager: managers.start,
    stopManager: managers.stop,
  };
}

/** This program once more, as a person would start it beside the demo. */
async function runProgram(
  words: readonly string[],
  kubeconfig: string,
  signal: AbortSignal,
): Promise<{ readonly code: number; readonly output: string }> {
  const env = { ...process.env, KUBECONFIG: kubeconfig, NO_COLOR: "1" };
  const args = [...process.execArgv, process.argv[1]!, ...words];
  const child = spawn(process.execPath, args, { env, signal, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close") as Promise<[number]>;
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, output: `${out}${err}` };
}
