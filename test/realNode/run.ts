import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureNodeBinary } from "../../image/nodeBinary.ts";
import { ensureKstatus } from "../gitops/kstatus.ts";
import { ensureHelm } from "../helm/helm.ts";
import { ensurePromtool } from "../monitoring/promtool.ts";
import { ensureBinaries } from "../realCluster/binaries.ts";
import { packOwnImages } from "./ownImage.ts";
import { ensureNodePrograms, whyNoPrograms } from "./programs.ts";
import { LOGS, OWN_IMAGES, runInSandbox, whyNoSandbox } from "./sandbox.ts";
import { HELM } from "./shell.ts";

/**
 * `npm run test:node [-- FILTER…]`: a real control plane, kubelet, containerd and runc in namespaces of their own, the tests that need
 * them, and a last line `N passed, N failed`. On a machine that cannot: `0 passed, 0 failed, 1 skipped: <reason>`.
 * With `--build` it only builds what can be used here, be it the control plane alone; and what checks alert rules and conditions, Helm,
 * and the runtime of our own image.
 */
async function main(args: readonly string[]): Promise<number> {
  const reason = (await whyNoSandbox()) ?? (await whyNoPrograms());
  if (args.includes("--build")) {
    await (reason === undefined ? ensureNodePrograms() : ensureBinaries());
    await ensurePromtool();
    await ensureKstatus();
    await ensureHelm();
    await ensureNodeBinary();
    return 0;
  }
  if (reason !== undefined) {
    console.log(`0 passed, 0 failed, 1 skipped: ${reason}`);
    return 0;
  }
  const programs = await ensureNodePrograms();
  const logFolder = mkdtempSync(join(tmpdir(), "real-node-logs-"));
  const imageFolder = mkdtempSync(join(tmpdir(), "real-node-images-"));
  const inside = [process.execPath, "--import", "tsx", join(import.meta.dirname, "insideSandbox.ts"), ...args];
  const code = await runInSandbox(inside, {
    [LOGS]: logFolder,
    [HELM]: await ensureHelm(),
    [OWN_IMAGES]: await packOwnImages(imageFolder),
    PATH: `${programs.runtimeFolder}:${process.env.PATH}`,
  });
  rmSync(imageFolder, { recursive: true, force: true });
  if (code === 0) rmSync(logFolder, { recursive: true, force: true });
  return code;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
