import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ControlPlane } from "./controlPlane.ts";

interface Kubeconfig {
  readonly users: readonly { readonly name: string }[];
}

export interface KubectlOptions {
  /** Standard input. */
  readonly input?: string;
}

/** kubectl with every right. @returns what it printed */
export async function kubectl(
  { kubectl: program, kubeconfig }: Pick<ControlPlane, "kubectl" | "kubeconfig">,
  args: readonly string[],
  { input }: KubectlOptions = {},
): Promise<string> {
  const running = promisify(execFile)(program, ["--kubeconfig", kubeconfig, ...args], { maxBuffer: 64 * 2 ** 20 });
  running.child.stdin?.end(input ?? "");
  const { stdout } = await running;
  return stdout.trim();
}

/** Writes a kubeconfig that is one service account, by a token of an hour. @returns its path */
export async function kubeconfigOf(
  controlPlane: Pick<ControlPlane, "kubectl" | "kubeconfig">,
  account: { readonly namespace: string; readonly name: string },
  folder: string,
): Promise<string> {
  const { namespace, name } = account;
  const token = await kubectl(controlPlane, ["create", "token", name, "-n", namespace, "--duration=1h"]);
  const known = JSON.parse(await readFile(controlPlane.kubeconfig, "utf8")) as Kubeconfig;
  const users = known.users.map((user) => ({ name: user.name, user: { token } }));
  const path = join(folder, `${namespace}-${name}.kubeconfig`);
  await writeFile(path, JSON.stringify({ ...known, users }), { mode: 0o600 });
  return path;
}
