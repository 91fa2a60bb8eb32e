import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseAllDocuments } from "yaml";
import { isJsonObject, type KubeObject } from "../core/kube/object.ts";
import { CommandError, EXIT } from "./exitCode.ts";

/** An object of a file, and where it stands there, for messages. */
export interface Manifest {
  readonly object: KubeObject;
  readonly source: string;
}

/** Reads YAML or JSON files, several documents and Lists included; `-` is standard input. YAML is 1.1, as for kubectl. */
export async function readManifests(filenames: readonly string[]): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const filename of filenames)
    manifests.push(...parseManifests(await content(filename), filename === "-" ? "standard input" : filename));
  return manifests;
}

function parseManifests(content: string, source: string): Manifest[] {
  return parseAllDocuments(content, { version: "1.1" }).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new CommandError(`${source}: ${error.message}`);
    const value: unknown = document.toJS();
    return value === null || value === undefined ? [] : objectsOf(value, source);
  });
}

function objectsOf(value: unknown, source: string): Manifest[] {
  if (!isJsonObject(value) || typeof value.kind !== "string" || typeof value.apiVersion !== "string") {
    throw new CommandError(`${source}: a Kubernetes object is expected, with apiVersion and kind`);
  }
  if (value.kind === "List" && Array.isArray(value.items))
    return value.items.flatMap((item) => objectsOf(item, source));
  if (!isJsonObject(value.metadata))
    throw new CommandError(`${source}: ${value.kind}: metadata: an object with a name is expected`);
  return [{ object: value as unknown as KubeObject, source }];
}

async function content(filename: string): Promise<string> {
  if (filename === "-") return text(process.stdin);
  try {
    return await readFile(filename, "utf8");
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : (error as Error).message;
    throw new CommandError(`-f ${filename}: ${reason}`, EXIT.usage);
  }
}
