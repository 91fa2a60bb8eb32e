import type { IncomingMessage, ServerResponse } from "node:http";
import { unreachable } from "../../src/core/result.ts";
import type { Draws } from "../fuzz/draws.ts";
import type { WatchFormat } from "./watchFormat.ts";

/** What happens to a relayed watch; all but `garbled` are its end, before the server ends it. */
export type WatchFault = "silence" | "truncated" | "closed" | "goneInStream" | "errorInStream" | "garbled";

export interface RelayPlan {
  readonly format: WatchFormat;
  /** Told before anything else. */
  readonly again: readonly Buffer[];
  readonly slowly: boolean;
  readonly fault?: WatchFault;
  /** After how many events. */
  readonly afterEvents: number;
  readonly draws: Draws;
  /** Called with each whole event that was sent. */
  readonly told: (event: Buffer) => void;
  /** Called with each piece. */
  readonly moved: () => void;
}

/** Hands the events of a watch on, until the server ends it or the plan does. */
export async function relayWatch(from: IncomingMessage, to: ServerResponse, plan: RelayPlan): Promise<void> {
  const { format, again, fault, afterEvents } = plan;
  let events = 0;
  let isGarbled = false;
  for (const event of again) await send(event, to, plan);
  if (fault && fault !== "garbled" && afterEvents === 0) return endBy(fault, format.error(500), to, plan);
  for await (const event of format.eventsOf(from)) {
    if (fault && events++ === afterEvents) {
      if (fault !== "garbled") return endBy(fault, event, to, plan);
      isGarbled = true;
      await send(format.garbled(event, plan.draws), to, plan);
      continue;
    }
    await send(event, to, plan);
    // Nobody reads on behind what is garbled, and what is told again later must have no gap.
    if (!isGarbled) plan.told(event);
  }
  to.end();
}

async function send(event: Buffer, to: ServerResponse, { slowly, draws, moved }: RelayPlan): Promise<void> {
  if (!slowly) to.write(event);
  else await sendInPieces(event, to, { draws, moved });
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

/** @param next the event that would have come */
function endBy(
  how: Exclude<WatchFault, "garbled">,
  next: Buffer,
  to: ServerResponse,
  { format, draws }: RelayPlan,
): void {
  switch (how) {
    case "silence":
      return;
    case "truncated":
      to.write(next.subarray(0, draws.below(next.length)));
      return void setImmediate(() => to.destroy());
    case "closed":
      return void to.end();
    case "goneInStream":
      return void to.end(format.error(410));
    case "errorInStream":
      return void to.end(format.error(500));
    default:
      unreachable(how);
  }
}
