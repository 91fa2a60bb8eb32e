import { execFile, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

/** The address of the node on a bridge of the sandbox: API server, kubelet and webhook listen there. */
export const NODE_ADDRESS = "10.99.0.1";
/** Names the folder of logs, which outlive the sandbox. */
export const LOGS = "REAL_NODE_LOGS";
/** Names the archive of our own images: in the sandbox nothing could be fetched to pack them. */
export const OWN_IMAGES = "REAL_NODE_OWN_IMAGES";

const ROOT = resolve(import.meta.dirname, "../..");
const SCRIPT = join(import.meta.dirname, "sandbox.sh");
/** What is built for a run, forgotten with it. */
const STATE = join(ROOT, "node_modules/.cache");
const COVERED = ["/run", "/var/lib", "/var/log", "/dev/shm"];
/** What a node does to its machine, beyond what the sandbox itself needs. */
const TRIAL = `
  cd /run && mkdir lower upper work merged
  mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged
  ip link add trial0 type veth peer name trial1
`;

/** Why this machine cannot run a node; undefined when it can. */
export async function whyNoSandbox(): Promise<string | undefined> {
  if (process.platform !== "linux") return `a node needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "a node needs root: run it by `sudo -E`";
  const hidden = [ROOT, process.execPath, process.env.XDG_CACHE_HOME || homedir()].find((path) =>
    COVERED.some((folder) => path.startsWith(`${folder}/`)),
  );
  if (hidden) return `${hidden} is needed, and ${COVERED.join(", ")} are covered by the node's own`;
  try {
    await promisify(execFile)("setpriv", ["--pdeathsig", "TERM", SCRIPT, "bash", "-ec", TRIAL], {
      cwd: ROOT,
      env: environment(),
    });
    return undefined;
  } catch (error) {
    const { stderr = "", message } = error as Error & { readonly stderr?: string };
    return (stderr.trim() || message).split("\n").at(-1);
  }
}

/**
 * Runs a command where a node may live; told to end, the sandbox ends everything in it.
 * @returns the exit code of the command
 */
export function runInSandbox(command: readonly string[], more: NodeJS.ProcessEnv): Promise<number> {
  mkdirSync(STATE, { recursive: true });
  const child = spawn("setpriv", ["--pdeathsig", "TERM", SCRIPT, ...command], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...environment(), ...more },
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill("SIGTERM"));
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("exit", (code) => done(code ?? 1));
  });
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, SANDBOX_ADDRESS: NODE_ADDRESS, SANDBOX_STATE: STATE };
}
