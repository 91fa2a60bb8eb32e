import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runVitest } from "../runVitest.ts";
import { AuditLog } from "./auditLog.ts";
import { ensureBinaries } from "./binaries.ts";
import { type ControlPlane, startControlPlane } from "./controlPlane.ts";
import { misusedRights } from "./misusedRights.ts";

/**
 * `npm run test:real [-- FILTER…]`: starts a real control plane, runs the tests that need one, ends it, and closes with `N passed, N failed`.
 * With `--keep` it starts no tests but stays up until Ctrl-C and prints the kubeconfig, for work by hand.
 */
async function main(args: readonly string[]): Promise<number> {
  const startedAt = Date.now();
  const interrupted = interruption();
  const logFolder = mkdtempSync(join(tmpdir(), "real-cluster-logs-"));
  const audit = new AuditLog(logFolder);
  const site = { address: "127.0.0.1", realNodes: false, apiServerFlags: audit.flags };
  const controlPlane = await startControlPlane(await ensureBinaries(), site, logFolder);
  console.log(`control plane ready at ${controlPlane.server} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  try {
    if (args.includes("--keep")) {
      console.log(
        `export KUBECONFIG=${controlPlane.kubeconfig}\nexport PATH=${resolve(controlPlane.kubectl, "..")}:$PATH`,
      );
      console.log(`logs in ${controlPlane.logFolder}; Ctrl-C ends it`);
      await interrupted.wait();
      return 0;
    }
    const code = await runTests(controlPlane, args);
    const misused = misusedRights(audit.requests());
    for (const line of misused) console.error(line);
    return misused.length > 0 ? 1 : code;
  } finally {
    await controlPlane.stop();
  }
}

/**
 * Settles on the first signal, which ends what waits for it in good order; while nothing does, and on the second, we exit at once.
 * Either way the programs end: an exiting process ends its components.
 */
function interruption(): Interruption {
  const listeners: (() => void)[] = [];
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      const waiting = listeners.splice(0);
      if (waiting.length === 0) process.exit(130);
      for (const listener of waiting) listener();
    });
  }
  return { wait: () => new Promise((resolve) => listeners.push(resolve)) };
}

interface Interruption {
  wait(): Promise<void>;
}

function runTests(controlPlane: ControlPlane, filters: readonly string[]): Promise<number> {
  console.log(`logs of the control plane: ${controlPlane.logFolder}`);
  return runVitest("vitest.real.config.ts", filters, {
    REAL_CLUSTER_KUBECONFIG: controlPlane.kubeconfig,
    REAL_CLUSTER_KUBECTL: controlPlane.kubectl,
  });
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
