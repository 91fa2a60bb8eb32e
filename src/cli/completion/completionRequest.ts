import type { Command, Option } from "commander";

/** A word that may stand there, and what it means. */
export interface Candidate {
  readonly text: string;
  readonly description: string;
}

/** What may stand in place of the last word. */
export type CompletionRequest = {
  /** Of what is typed: before the part that is to be completed, `--output=`. */
  readonly prefix: string;
  /** The part that is to be completed. */
  readonly typed: string;
  readonly wants: Wants;
  readonly line: TypedLine;
};

export type Wants =
  | { readonly kind: "these"; readonly candidates: readonly Candidate[] }
  | { readonly kind: "sidecarSets" | "pods" | "namespaces" | "revisions" | "images" | "files" | "nothing" };

/** What has been typed before. */
export interface TypedLine {
  readonly positionals: readonly string[];
  /** Long name without dashes → its last value. */
  readonly values: ReadonlyMap<string, string>;
}

/** Reads the line as the program would, as far as it goes; what is wrong in it does not matter. */
export function completionRequest(root: Command, words: readonly string[]): CompletionRequest {
  const last = words.at(-1) ?? "";
  const values = new Map<string, string>();
  const positionals: string[] = [];
  let command = root;
  let open: Option | undefined;
  for (const word of words.slice(0, -1)) {
    if (open) {
      values.set(open.attributeName(), word);
      open = undefined;
    } else if (word.startsWith("-")) {
      const [name, value] = split(word);
      const option = optionNamed(command, root, name);
      if (option && value !== undefined) values.set(option.attributeName(), value);
      else if (option && takesValue(option)) open = option;
    } else {
      const below = positionals.length === 0 ? subcommand(command, word) : undefined;
      if (below) command = below;
      else positionals.push(word);
    }
  }
  const line = { positionals, values };
  if (open) return { prefix: "", typed: last, wants: valuesOf(open), line };
  if (!last.startsWith("-")) return { prefix: "", typed: last, wants: wordsOf(command, positionals.length), line };
  const [name, value] = split(last);
  if (value === undefined) return { prefix: "", typed: last, wants: optionsOf(command, root), line };
  const option = optionNamed(command, root, name);
  return { prefix: `${name}=`, typed: value, wants: option ? valuesOf(option) : { kind: "nothing" }, line };
}

function split(word: string): readonly [string, string?] {
  const at = word.indexOf("=");
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function optionNamed(command: Command, root: Command, name: string): Option | undefined {
  return [...command.options, ...root.options].find(({ long, short }) => long === name || short === name);
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function subcommand(command: Command, word: string): Command | undefined {
  return command.commands.find((below) => below.name() === word || below.aliases().includes(word));
}

/** Verbs, or what the next argument is. */
function wordsOf(command: Command, position: number): Wants {
  if (command.commands.length > 0) {
    const candidates = command.commands.map((verb) => ({ text: verb.name(), description: verb.description() }));
    return { kind: "these", candidates };
  }
  const all = command.registeredArguments;
  const argument = all[position] ?? (all.at(-1)?.variadic ? all.at(-1) : undefined);
  if (!argument) return { kind: "nothing" };
  if (argument.argChoices) return choices(argument.argChoices);
  const name = argument.name();
  if (name.startsWith("container=image")) return { kind: "images" };
  if (name === "pod" || name === "kind/name") return { kind: "pods" };
  return argument.description.startsWith("SidecarSet") ? { kind: "sidecarSets" } : { kind: "nothing" };
}

function optionsOf(command: Command, root: Command): Wants {
  const options = [...new Set([...command.options, ...root.options])].filter(({ hidden }) => !hidden);
  const candidates = options.map((option) => ({
    text: option.long ?? option.short ?? "",
    description: option.description,
  }));
  return { kind: "these", candidates: [...candidates, { text: "--help", description: "display help for command" }] };
}

function valuesOf(option: Option): Wants {
  if (option.argChoices) return choices(option.argChoices);
  return { kind: VALUES[option.long ?? ""] ?? "nothing" };
}

function choices(texts: readonly string[]): Wants {
  return { kind: "these", candidates: texts.map((text) => ({ text, description: "" })) };
}

const VALUES: Readonly<Record<string, Exclude<Wants["kind"], "these">>> = {
  "--config": "files",
  "--diff": "revisions",
  "--expect": "sidecarSets",
  "--filename": "files",
  "--from": "files",
  "--kubeconfig": "files",
  "--namespace": "namespaces",
  "--sidecar-set": "sidecarSets",
  "--snapshot": "files",
  "--system-namespace": "namespaces",
  "--to-revision": "revisions",
};
