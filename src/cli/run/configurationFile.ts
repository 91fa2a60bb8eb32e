import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import type { Json } from "../../core/kube/object.ts";
import { CommandError, EXIT } from "../exitCode.ts";

/** What the file of `--config` holds, not looked at yet. */
export async function readConfigurationFile(path: string): Promise<Json> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "there is no such file" : error.message;
    throw new CommandError(`--config ${path}: ${reason}`, EXIT.usage);
  });
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) {
    const [reason = ""] = error.message.split(/:?\n/, 1);
    throw new CommandError(`--config ${path}: ${reason}`, EXIT.usage);
  }
  return document.toJS() as Json;
}
