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
  readonly barReady: string;
  readonly barRestarting: string;
  readonly barQueued: string;
  readonly branch: string;
  readonly lastBranch: string;
  readonly trunk: string;
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
  barReady: "█",
  barRestarting: "▓",
  barQueued: "░",
  branch: "├─",
  lastBranch: "└─",
  trunk: "│ ",
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
  barReady: "#",
  barRestarting: "%",
  barQueued: ".",
  branch: "|-",
  lastBranch: "`-",
  trunk: "| ",
};

export function symbolsFor(options: { readonly ascii?: boolean }, env: NodeJS.ProcessEnv = process.env): Symbols {
  return options.ascii || env.TERM === "dumb" ? ASCII : UNICODE;
}
