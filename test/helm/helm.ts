import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureGoPrograms, type GoModule } from "../goPrograms.ts";

const MODULE: GoModule = {
  folder: import.meta.dirname,
  name: "helm",
  sources: ["go.mod", "go.sum"],
  flags: ["-trimpath", "-ldflags", "-s -w"],
  cgo: false,
};

/** Helm itself, built once from pinned modules: about four CPU minutes when nothing is there. */
export async function ensureHelm(): Promise<string> {
  return join(await ensureGoPrograms(MODULE, { helm: "helm.sh/helm/v4/cmd/helm" }), "helm");
}

/** Runs helm. @returns what it printed */
export type Helm = (...args: readonly string[]) => Promise<string>;

/** @param folder where helm keeps what it keeps @param kubeconfig left out: for what needs no cluster */
export async function startHelm(folder: string, kubeconfig = "/dev/null"): Promise<Helm> {
  const program = await ensureHelm();
  const homes = ["CACHE", "CONFIG", "DATA"].map((name) => [`HELM_${name}_HOME`, join(folder, name)]);
  const env = { ...process.env, ...Object.fromEntries(homes), KUBECONFIG: kubeconfig };
  return async (...args) => (await promisify(execFile)(program, args, { env, maxBuffer: 64 * 2 ** 20 })).stdout;
}
