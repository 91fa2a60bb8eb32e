import { spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { resolve } from "node:path";
import { CONFIGURATION_TYPES, removeConfiguration } from "../../src/cluster/webhookConfiguration.ts";
import type { KubeApi } from "../../src/kubeapi/connect.ts";
import { CONFIGURATION_NAMES } from "../../src/webhook/registration.ts";
import { freePorts } from "../../test/freePorts.ts";
import { until } from "./until.ts";

/** The built program, as a process of its own. */
export interface ManagerProcess {
  readonly pid: number;
  /** From the start of the process to the first answer that it is ready. */
  readonly readyMs: number;
  readonly healthPort: number;
  /** Everything that it has logged so far. */
  log(): string;
  stop(): Promise<void>;
}

const PROGRAM = resolve("dist/sidecarset.js");
const ASK_AGAIN_MS = 5;
/** `BENCH_PROFILE=folder`: each manager leaves a CPU profile there when it ends. */
const PROFILE = process.env.BENCH_PROFILE;

/** Settles when it is ready. @param flags what is wanted in addition */
export async function startManager(kubeconfig: string, flags: readonly string[] = []): Promise<ManagerProcess> {
  const [port = 0, healthPort = 0] = await freePorts(2);
  const args = [
    ...["run", "--kubeconfig", kubeconfig, "--listen", "127.0.0.1", "--port", String(port)],
    ...["--webhook-url", `https://127.0.0.1:${port}`, "--health-port", String(healthPort), ...flags],
  ];
  const started = performance.now();
  const profiled = PROFILE === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${PROFILE}`];
  const child = spawn(process.execPath, [...profiled, PROGRAM, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  const endWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", endWithUs);
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk;
  });
  const ended = once(child, "close").then(() => process.off("exit", endWithUs));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  try {
    await until("the manager is ready", () => ready(healthPort), ASK_AGAIN_MS);
  } catch (error) {
    await stop();
    throw new Error(`${error instanceof Error ? error.message : error}; it said:\n${log}`, { cause: error });
  }
  return { pid: child.pid!, readyMs: performance.now() - started, healthPort, log: () => log, stop };
}

/** What a manager that ends leaves behind; one that runs, and is not told to leave it, registers again. */
export async function unregister(api: KubeApi): Promise<void> {
  for (const which of ["mutating", "validating"] as const)
    await removeConfiguration(api, CONFIGURATION_TYPES[which], CONFIGURATION_NAMES[which]);
}

function ready(port: number): Promise<void> {
  return new Promise((done, fail) => {
    get({ host: "127.0.0.1", port, path: "/readyz", agent: false }, (answer) => {
      answer.resume();
      if (answer.statusCode === 200) done();
      else fail(new Error(`status ${answer.statusCode}`));
    }).on("error", fail);
  });
}
