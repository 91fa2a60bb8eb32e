import { createColors } from "picocolors";

export type Style = ReturnType<typeof createColors>;

/** Colours only where a person looks, and never against their wish. */
export function styleFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Style {
  const wanted = stream.isTTY === true && env.NO_COLOR === undefined && env.TERM !== "dumb";
  return createColors(wanted);
}

export interface Symbols {
  readonly done: string;
  readonly running: string;
  readonly failed: string;
  readonly podNew: string;
  readonly podRestarting: string;
  readonly podOld: string;
  readonly arrow: string;
  readonly dot: string;
  readonly ellipsis: string;
}

const UNICODE: Symbols = {
  done: "✔",
  running: "◐",
  failed: "✖",
  podNew: "■",
  podRestarting: "▣",
  podOld: "□",
  arrow: "→",
  dot: "·",
  ellipsis: "…",
};
const ASCII: Symbols = {
  done: "+",
  running: "*",
  failed: "x",
  podNew: "#",
  podRestarting: "%",
  podOld: "o",
  arrow: "->",
  dot: "-",
  ellipsis: "...",
};

export function symbolsFor(options: { readonly ascii?: boolean }, env: NodeJS.ProcessEnv = process.env): Symbols {
  return options.ascii || env.TERM === "dumb" ? ASCII : UNICODE;
}
