import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { inject } from "vitest";

/** Files of the built program that a command loads before it does anything, the chunk of the command included. */
export function loadedBy(command: string): readonly string[] {
  const start = files().find((file) => new RegExp(`^${command}-\\w+\\.js$`).test(file));
  if (start === undefined) throw new Error(`there is no chunk of the command ${command}`);
  const loaded = new Set([start]);
  for (const file of loaded) for (const imported of importsOf(file)) loaded.add(imported);
  return [...loaded];
}

export function chunkWith(text: string): readonly string[] {
  return files().filter((file) => contentOf(file).includes(text));
}

function files(): string[] {
  return readdirSync(folder()).filter((file) => file.endsWith(".js"));
}

/** Static ones alone. */
function importsOf(file: string): string[] {
  return [...contentOf(file).matchAll(/(?:from|import)\s*"(\.\/[^"]+)"/g)].map(([, path]) => basename(path!));
}

function contentOf(file: string): string {
  return readFileSync(join(folder(), file), "utf8");
}

function folder(): string {
  return dirname(inject("program"));
}
