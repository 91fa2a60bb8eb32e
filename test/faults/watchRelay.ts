import type { IncomingMessage, ServerResponse } from "node:http";
import type { Draws } from "../fuzz/draws.ts";
import { statusOf } from "./refusal.ts";

/** How a relayed watch comes to its end before the server ends it. */
export type WatchEnd = "silence" | "truncated" | "closed" | "goneInStream" | "errorInStream";

export interface RelayPlan {
  /** Told before anything else. */
  readonly again: readonly Buffer[];
  readonly slowly: boolean;
  readonly end?: WatchEnd;
  /** After how many lines. */
  readonly afterLines: number;
  readonly draws: Draws;
  /** Called with each whole line that was sent, and with each piece. */
  readonly told: (line: Buffer) => void;
  readonly moved: () => void;
}

const NEWLINE = 10;

/** Hands the lines of a watch on, until the server ends it or the plan does. */
export async function relayWatch(from: IncomingMessage, to: ServerResponse, plan: RelayPlan): Promise<void> {
  let lines = 0;
  for (const line of plan.again) await send(line, to, plan);
  if (plan.end && plan.afterLines === 0) return endBy(plan.end, undefined, to);
  for await (const line of linesOf(from)) {
    if (plan.end && lines === plan.afterLines) return endBy(plan.end, line, to);
    lines++;
    await send(line, to, plan);
    plan.told(line);
  }
  to.end();
}

async function* linesOf(from: IncomingMessage): AsyncIterable<Buffer> {
  let pending = Buffer.alloc(0);
  for await (const chunk of from) {
    pending = Buffer.concat([pending, chunk as Buffer]);
    for (let end = pending.indexOf(NEWLINE); end >= 0; end = pending.indexOf(NEWLINE)) {
      yield pending.subarray(0, end + 1);
      pending = pending.subarray(end + 1);
    }
  }
}

async function send(line: Buffer, to: ServerResponse, { slowly, draws, moved }: RelayPlan): Promise<void> {
  if (!slowly) to.write(line);
  else await sendInPieces(line, to, { draws, moved });
  moved();
}

export async function sendInPieces(
  bytes: Buffer,
  to: ServerResponse,
  { draws, moved }: Pick<RelayPlan, "draws" | "moved">,
): Promise<void> {
  for (let start = 0; start < bytes.length && !to.destroyed; ) {
    const end = start + 1 + draws.below(90);
    to.write(bytes.subarray(start, end));
    moved();
    start = end;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** @param next the line that would have come */
function endBy(how: WatchEnd, next: Buffer | undefined, to: ServerResponse): void {
  switch (how) {
    case "silence":
      return;
    case "truncated":
      to.write((next ?? Buffer.from('{"type":"ADDED","object":{')).subarray(0, 40));
      return void setImmediate(() => to.destroy());
    case "closed":
      return void to.end();
    case "goneInStream":
      return void to.end(`${JSON.stringify({ type: "ERROR", object: statusOf(410) })}\n`);
    case "errorInStream":
      return void to.end(`${JSON.stringify({ type: "ERROR", object: statusOf(500) })}\n`);
  }
}
