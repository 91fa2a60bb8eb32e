import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { CommandError, EXIT } from "./exitCode.ts";

/** What `-f` and `-R` name. */
export interface ManifestSources {
  /** Files, folders, or `-` for standard input. */
  readonly filename: readonly string[];
  /** Whether folders are read with all that is below them. */
  readonly recursive?: boolean;
}

export interface ManifestFile {
  /** As it was named, for messages. */
  readonly source: string;
  readonly content: string;
}

/** The files in the order they were named; those of a folder by name, only `*.yaml`, `*.yml` and `*.json`. */
export async function readManifestFiles({ filename, recursive = false }: ManifestSources): Promise<ManifestFile[]> {
  const files: ManifestFile[] = [];
  for (const name of filename) {
    if (name === "-") files.push({ source: "standard input", content: await text(process.stdin) });
    else files.push(...(await readNamed(name, recursive)));
  }
  return files;
}

async function readNamed(name: string, recursive: boolean): Promise<ManifestFile[]> {
  try {
    const paths = (await stat(name)).isDirectory() ? await manifestsIn(name, recursive) : [name];
    if (paths.length === 0) throw new CommandError(`-f ${name}: ${emptyFolder(recursive)}`, EXIT.usage);
    return await Promise.all(paths.map(async (path) => ({ source: path, content: await readFile(path, "utf8") })));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof CommandError) throw error;
    throw new CommandError(`-f ${name}: ${READ_REASONS[code ?? ""] ?? message}`, EXIT.usage);
  }
}

const MANIFEST = /\.(ya?ml|json)$/i;

/** Links to files count (a mounted ConfigMap is made of them), links to folders do not: they may lead in circles. */
async function manifestsIn(folder: string, recursive: boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(recursive ? await manifestsIn(path, recursive) : []));
    else if (MANIFEST.test(entry.name) && (await isFile(path))) found.push(path);
  }
  return found;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

function emptyFolder(recursive: boolean): string {
  const files = "no *.yaml, *.yml or *.json file";
  return recursive ? `there is ${files} in this folder or below` : `there is ${files} in this folder; -R looks below`;
}

const READ_REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "we may not read it",
};
