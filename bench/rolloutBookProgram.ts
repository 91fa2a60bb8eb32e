import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** A million records with room for the garbage of five books. */
const HEAP_MB = 8000;

/** In a process of its own, see `rolloutBook.ts`. */
export async function rolloutBook(): Promise<object> {
  const program = join(import.meta.dirname, "rolloutBook.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [`--max-old-space-size=${HEAP_MB}`, program]);
  return JSON.parse(stdout) as object;
}
