import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { ensureGoPrograms, type GoModule } from "../goPrograms.ts";

const MODULE: GoModule = {
  folder: join(import.meta.dirname, "kstatus"),
  name: "kstatus",
  sources: ["go.mod", "go.sum", "main.go"],
  flags: ["-trimpath", "-ldflags", "-s -w"],
  cgo: false,
};

/** The program that asks kstatus itself, built once from pinned modules: about one CPU minute when nothing is there. */
export async function ensureKstatus(): Promise<string> {
  return join(await ensureGoPrograms(MODULE, { kstatus: "." }), "kstatus");
}

/** What kstatus makes of objects, one verdict each. */
export async function kstatus(
  objects: readonly object[],
): Promise<readonly { readonly status: string; readonly message: string }[]> {
  const child = spawn(await ensureKstatus(), { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(objects));
  const [answer, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (code !== 0) throw new Error(`kstatus ended with ${String(code)}`);
  return JSON.parse(answer) as Awaited<ReturnType<typeof kstatus>>;
}
