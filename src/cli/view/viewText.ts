import type { RevisionView, RolloutView } from "../../core/explanation/rolloutView.ts";
import { podsText } from "../../core/rollout/rolloutSummary.ts";
import { table } from "../simulation/playText.ts";
import { age, type Look } from "../terminal/text.ts";

/** How one view is drawn. */
export interface ViewLook extends Look {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly columns: number;
}

/** `Progressing  12/20 updated, 8 ready, budget 4/4`: the one line for logs and scripts. */
export function statusLine(view: RolloutView): string {
  const { phase, step, pods, budget, message } = view;
  const counts = [
    `${step.updated}/${step.pods} updated`,
    `${step.ready} ready`,
    ...(budget ? [`budget ${budget.used}/${budget.limit}`] : []),
    ...(pods.held > 0 ? [`${pods.held} held`] : []),
  ].join(", ");
  const isTold = phase === "Blocked" || phase === "NotObserved";
  return `${phase.padEnd(11)}  ${isTold ? message : counts}`;
}

/** All SidecarSets, a line each. */
export function tableLines(
  views: readonly RolloutView[],
  wide: boolean,
  { style, symbols, now }: ViewLook,
): readonly string[] {
  if (views.length === 0) return ["there is no SidecarSet"];
  const head = ["", "NAME", "PHASE", "SELECTED", "MATCHED", "UPDATED", "READY", "HELD", "STUCK", "AGE"];
  const more = ["BUDGET", "REVISION", "CHANGE"];
  const rows = views.map((view) => [
    markOf(view, { style, symbols }),
    view.sidecarSet,
    view.phase,
    ...[
      view.pods.selected,
      view.pods.matched,
      view.pods.updated,
      view.pods.updatedReady,
      view.pods.held,
      view.pods.stuck,
    ].map(String),
    view.createdAt === undefined ? "" : age(now - Date.parse(view.createdAt)),
    ...(wide ? [view.budget ? `${view.budget.used}/${view.budget.limit}` : "", view.revision, view.change] : []),
  ]);
  const left = new Set([0, 1, 2, 10, 11, 12]);
  return table([wide ? [...head, ...more] : head, ...rows], left);
}

function markOf({ phase }: RolloutView, { style, symbols }: Look): string {
  if (phase === "Blocked") return style.red(symbols.failed);
  if (phase === "Progressing" || phase === "NotObserved") return style.cyan(symbols.running);
  return phase === "Complete" ? style.green(symbols.done) : style.dim(symbols.dot);
}

/** One SidecarSet: what happens, how far it is, and a tree of revisions, trouble first. */
export function treeLines(view: RolloutView, look: ViewLook): readonly string[] {
  const { style, now } = look;
  const since = view.since === undefined ? "" : age(now - Date.parse(view.since));
  const wave = view.wave > 0 && view.phase === "Progressing" ? `wave ${view.wave}` : "";
  return [
    [
      `${markOf(view, look)} ${style.bold(view.sidecarSet)}`,
      style.bold(view.phase),
      reasonText(view),
      wave,
      style.dim(since),
    ]
      .filter((part) => part !== "")
      .join("  "),
    ...field("Change", [view.change, view.revision === "" ? "" : `revision ${view.revision}`]),
    ...field("Strategy", strategyParts(view)),
    ...field("Pods", podsParts(view)),
    ...field("Step", [stepText(view)]),
    ...field("", [barOf(view, look)]),
    ...field("Budget", view.budget ? [budgetText(view)] : ["unreadable"]),
    ...(view.phase === "Blocked" || view.phase === "NotObserved"
      ? field(view.phase === "Blocked" ? "Blocked" : "Waits", [view.message])
      : []),
    ...(view.revisions ? ["", ...branches(view, look)] : []),
  ];
}

function reasonText({ phase, reason }: RolloutView): string {
  return reason === phase ? "" : reason;
}

function field(label: string, parts: readonly string[]): readonly string[] {
  const told = parts.filter((part) => part !== "");
  return told.length === 0 ? [] : [`  ${label.padEnd(10)} ${told.join("   ")}`];
}

function strategyParts({ strategy, budget }: RolloutView): readonly string[] {
  const { type, paused, maxUnavailable, partition, selector, scatter } = strategy;
  if (type === "NotUpdate") return ["NotUpdate: pods change when they are recreated"];
  const limit = typeof maxUnavailable === "string" && budget ? ` = ${budget.limit}` : "";
  return [
    ...(paused ? ["paused"] : []),
    `maxUnavailable ${maxUnavailable}${limit}`,
    ...(partition === 0 ? [] : [`partition ${partition}`]),
    ...(selector === undefined ? [] : [`selector ${selector}`]),
    ...(scatter.length === 0 ? [] : [`scatter ${scatter.join(", ")}`]),
  ];
}

function podsParts({ pods }: RolloutView): readonly string[] {
  const without = pods.selected - pods.matched;
  return [
    `${pods.selected} selected = ${pods.matched} with the sidecars${without > 0 ? ` + ${without} without` : ""}`,
    `${pods.ready} ready`,
  ];
}

function stepText({ step, pods }: RolloutView): string {
  const share = pods.matched === 0 ? "" : `, ${Math.floor((pods.updated / pods.matched) * 100)}% of all`;
  return `${step.updated}/${step.pods} updated, ${step.ready} ready${share}`;
}

function budgetText({ budget, pods }: RolloutView): string {
  const full = budget!.used >= budget!.limit && pods.queued > 0 ? ": full" : "";
  return `${budget!.used} of ${budget!.limit} used${full}`;
}

/** One character for a share of the pods: ready, restarting, failing, to come, held. */
function barOf({ pods, revisions }: RolloutView, { style, symbols, columns }: ViewLook): string {
  if (pods.matched === 0) return "";
  const failing =
    revisions?.reduce((sum, { unavailable }) => sum + unavailable.filter(({ stuck }) => stuck).length, 0) ?? 0;
  const down = Math.max(0, pods.updated - pods.updatedReady);
  const stuck = Math.min(failing, down);
  const parts: readonly (readonly [number, string])[] = [
    [pods.updatedReady, style.green(symbols.barReady)],
    [down - stuck, style.yellow(symbols.barRestarting)],
    [stuck, style.red(symbols.failed)],
    [pods.matched - pods.updated - pods.held, style.dim(symbols.barQueued)],
    [pods.held, style.dim(symbols.dot)],
  ];
  const width = Math.min(pods.matched, 60, Math.max(10, columns - 15));
  let drawn = 0;
  let counted = 0;
  return parts
    .map(([count, cell]) => {
      counted += Math.max(0, count);
      const upTo = Math.round((counted / pods.matched) * width);
      // Trouble is never too little to be seen.
      const cells = Math.max(upTo - drawn, count > 0 && cell === style.red(symbols.failed) ? 1 : 0);
      drawn += cells;
      return cell.repeat(cells);
    })
    .join("");
}

function branches(view: RolloutView, look: ViewLook): readonly string[] {
  const { style, symbols } = look;
  const nodes: (readonly string[])[] = [
    ...(view.revisions ?? []).map((revision) => revisionNode(revision, view, look)),
    ...view.waiting.map(({ code, because, pods, examples }) => {
      const more = pods > examples.length ? `, ${symbols.ellipsis}` : "";
      return [`${style.bold(code)} ${because}  ${podsText(pods)}  ${style.dim(examples.join(", ") + more)}`];
    }),
  ];
  return nodes.flatMap((lines, at) => indented(lines, at === nodes.length - 1, look));
}

function indented([head = "", ...rest]: readonly string[], isLast: boolean, { symbols }: Look): readonly string[] {
  return [
    `${isLast ? symbols.lastBranch : symbols.branch} ${head}`,
    ...rest.map((line) => `${isLast ? "  " : `${symbols.trunk} `}${line}`),
  ];
}

/** So many pods are shown one by one. */
const SHOWN_PODS = 8;

function revisionNode(revision: RevisionView, view: RolloutView, look: ViewLook): readonly string[] {
  const { style, symbols } = look;
  const { number, pods, ready, unavailable, newest } = revision;
  const title = number === undefined ? "" : `# ${number} `;
  const images = newest ? Object.values(view.images).join(", ") : "";
  const shown = unavailable.slice(0, SHOWN_PODS);
  const rest = unavailable.length - shown.length;
  const rows = shown.map(({ pod, state, stuck, forSeconds }) => [
    stuck ? style.red(symbols.failed) : style.yellow(symbols.podRestarting),
    pod,
    state,
    forSeconds === undefined ? "" : age(forSeconds * 1000),
  ]);
  const leaves = [
    ...table(rows, new Set([0, 1, 2])),
    ...(rest > 0 ? [`${style.yellow(symbols.podRestarting)} ${rest} more that are not ready`] : []),
    ...(ready > 0 ? [`${style.green(symbols.done)} ${ready} ready`] : []),
  ];
  return [
    `${title}${style.bold(revision.revision || "no revision named")}  ${podsText(pods)}${newest ? "  newest" : ""}${images === "" ? "" : style.dim(`  ${images}`)}`,
    ...leaves.flatMap((leaf, at) => indented([leaf], at === leaves.length - 1, look)),
  ];
}
