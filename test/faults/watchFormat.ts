import type { IncomingMessage } from "node:http";
import { isProtobuf } from "../../src/kubeapi/protobuf/mediaType.ts";
import { podEventFrame } from "../../src/simulator/https/protobufAnswer.ts";
import type { Draws } from "../fuzz/draws.ts";
import { statusOf } from "./refusal.ts";

/** How the events of a watch are written one after the other. */
export interface WatchFormat {
  /** Whole events, as they were sent. */
  eventsOf(from: IncomingMessage): AsyncIterable<Buffer>;
  /** An ERROR event with such a status. */
  error(code: 410 | 500): Buffer;
  /** What is left of an event that cannot be read any more. */
  garbled(event: Buffer, draws: Draws): Buffer;
}

export function formatOf(contentType: string | undefined): WatchFormat {
  return isProtobuf(contentType ?? "") ? FRAMES : LINES;
}

const NEWLINE = 10;

const LINES: WatchFormat = {
  eventsOf: (from) => split(from, (bytes) => bytes.indexOf(NEWLINE) + 1 || undefined),
  error: (code) => Buffer.from(`${JSON.stringify({ type: "ERROR", object: statusOf(code) })}\n`),
  garbled: (line, draws) => Buffer.concat([line.subarray(0, 1 + draws.below(line.length - 2)), Buffer.from("\n")]),
};

/** Four bytes that say how many follow. */
const PREFIX = 4;
const MOST_OFF = 9;

const FRAMES: WatchFormat = {
  eventsOf: (from) => split(from, (bytes) => (bytes.length < PREFIX ? undefined : PREFIX + bytes.readUInt32BE(0))),
  error: (code) => podEventFrame({ type: "ERROR", object: statusOf(code) }),
  garbled(frame, draws) {
    const off = 1 + draws.below(MOST_OFF);
    const length = Buffer.alloc(PREFIX);
    length.writeUInt32BE(frame.length - PREFIX + draws.pick([off, -off]));
    return Buffer.concat([length, frame.subarray(PREFIX)]);
  },
};

/** @param endOfFirst where the first event ends, when that is known */
async function* split(from: IncomingMessage, endOfFirst: (bytes: Buffer) => number | undefined): AsyncIterable<Buffer> {
  let pending = Buffer.alloc(0);
  for await (const chunk of from) {
    pending = Buffer.concat([pending, chunk as Buffer]);
    for (let end = endOfFirst(pending); end !== undefined && end <= pending.length; end = endOfFirst(pending)) {
      yield pending.subarray(0, end);
      pending = pending.subarray(end);
    }
  }
}
