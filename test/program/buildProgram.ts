import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { resolve } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The built command line program. */
    readonly program: string;
  }
}

/** The tests of the program run the built file, as users do: built from the sources under test, in a folder of this run's own. */
export default function buildProgram(project: TestProject): () => void {
  const root = resolve(import.meta.dirname, "../..");
  const folder = `node_modules/.cache/program-${process.pid}`;
  execFileSync(process.execPath, ["build.mjs", folder], { cwd: root, stdio: "inherit" });
  project.provide("program", resolve(root, folder, "sidecarset.js"));
  return () => rmSync(resolve(root, folder), { recursive: true, force: true });
}
