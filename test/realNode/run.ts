import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureKstatus } from "../gitops/kstatus.ts";
import { ensurePromtool } from "../monitoring/promtool.ts";
import { ensureBinaries } from "../realCluster/binaries.ts";
import { ensureNodePrograms, whyNoPrograms } from "./programs.ts";
import { LOGS, runInSandbox, whyNoSandbox } from "./sandbox.ts";

/**
 * `npm run test:node [-- FILTER…]`: a real control plane, kubelet, containerd and runc in namespaces of their own, the tests that need
 * them, and a last line `N passed, N failed`. On a machine that cannot: `0 passed, 0 failed, 1 skipped: <reason>`.
 * With `--build` it only builds what can be used here, be it the control plane alone; and what checks alert rules and conditions.
 */
async function main(args: readonly string[]): Promise<number> {
  const reason = (await whyNoSandbox()) ?? (await whyNoPrograms());
  if (args.includes("--build")) {
    await (reason === undefined ? ensureNodePrograms() : ensureBinaries());
    await ensurePromtool();
    await ensureKstatus();
    return 0;
  }
  if (reason !== undefined) {
    console.log(`0 passed, 0 failed, 1 skipped: ${reason}`);
    return 0;
  }
  const programs = await ensureNodePrograms();
  const logFolder = mkdtempSync(join(tmpdir(), "real-node-logs-"));
  const inside = [process.execPath, "--import", "tsx", join(import.meta.dirname, "insideSandbox.ts"), ...args];
  const code = await runInSandbox(inside, {
    [LOGS]: logFolder,
    PATH: `${programs.runtimeFolder}:${process.env.PATH}`,
  });
  if (code === 0) rmSync(logFolder, { recursive: true, force: true });
  return code;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
