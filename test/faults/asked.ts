import type { IncomingMessage } from "node:http";
import type { Fault } from "./faults.ts";

/** What a request is to the proxy. */
export interface Asked {
  readonly kind: "watch" | "read" | "write";
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Of a watch that goes on from somewhere: what it may be told again. */
  readonly continues: boolean;
  readonly streamsState: boolean;
}

/** How often each fault is drawn for a request of the kind; the rest is answered as it should be. Out of a hundred. */
export const CHANCES: Readonly<Record<Asked["kind"], Partial<Readonly<Record<Fault, number>>>>> = {
  write: { conflict: 5, tooManyRequests: 3, serverError: 3, reset: 3 },
  read: { gone: 3, tooManyRequests: 6, serverError: 6, reset: 8, silence: 1, truncated: 6, slowBytes: 8 },
  // Adds up to all of them: a watch that nothing happens to would last for many minutes.
  watch: {
    gone: 5,
    tooManyRequests: 5,
    serverError: 5,
    reset: 6,
    silence: 6,
    truncated: 20,
    garbled: 12,
    closed: 19,
    goneInStream: 11,
    errorInStream: 11,
  },
};

export function askedBy(request: IncomingMessage): Asked {
  const { method = "GET", url = "/", headers } = request;
  const { searchParams } = new URL(url, "https://proxy");
  const watches = searchParams.get("watch") === "true";
  return {
    kind: method !== "GET" ? "write" : watches ? "watch" : "read",
    method,
    path: url,
    headers,
    continues: watches && searchParams.has("resourceVersion"),
    streamsState: searchParams.has("sendInitialEvents"),
  };
}
