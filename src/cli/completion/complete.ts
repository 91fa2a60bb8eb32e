import type { Command } from "commander";
import { type Candidate, type CompletionRequest, completionRequest } from "./completionRequest.ts";

/** What a shell is to do beside offering the candidates; the numbers are those of kubectl's completion. */
const DIRECTIVES = { files: 0, noFiles: 4, noFilesNoSpace: 6 } as const;

/**
 * What may stand in place of the last word: a line each, `text<tab>description`, and last `:` with a directive, as kubectl expects it
 * of a plugin. A cluster that does not answer offers nothing.
 */
export async function complete(root: Command, words: readonly string[]): Promise<void> {
  const request = completionRequest(root, words);
  const candidates = await candidatesFor(request).catch((): readonly Candidate[] => []);
  const fitting = candidates.filter(({ text }) => text.startsWith(request.typed));
  const lines = fitting.map(({ text, description }) =>
    description === "" ? request.prefix + text : `${request.prefix}${text}\t${oneLine(description)}`,
  );
  process.stdout.write([...lines, `:${directive(request)}`].map((line) => `${line}\n`).join(""));
}

async function candidatesFor({ wants, line }: CompletionRequest): Promise<readonly Candidate[]> {
  if (wants.kind === "these") return wants.candidates;
  if (wants.kind === "files" || wants.kind === "nothing") return [];
  const { liveCandidates } = await import("./liveCandidates.ts");
  return liveCandidates(wants.kind, line);
}

function directive({ wants }: CompletionRequest): number {
  if (wants.kind === "files") return DIRECTIVES.files;
  return wants.kind === "images" ? DIRECTIVES.noFilesNoSpace : DIRECTIVES.noFiles;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
