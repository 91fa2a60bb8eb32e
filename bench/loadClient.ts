/**
 * Sends the same review over kept connections, as fast as the answers come; a process of its own. It speaks HTTP by hand, so that it
 * costs less than the servers it measures: every answer has a status line, a length and a body, and that is all it looks at.
 */
import { connect, type TLSSocket } from "node:tls";
import { quantile } from "./median.ts";
import type { Load, LoadResult } from "./overHttps.ts";
import { podReview } from "./podReview.ts";

process.on("message", (load: Load) => {
  void run(load).then((result) => process.send!(result));
});

async function run(load: Load): Promise<LoadResult> {
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => connected(load)));
  const times: number[] = [];
  const started = performance.now();
  let left = load.requests ?? Number.POSITIVE_INFINITY;
  const until = started + (load.seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const isOver = (): boolean => left-- <= 0 || performance.now() > until;
  await Promise.all(sockets.map((socket) => exchanges(socket, { load, times, isOver })));
  const seconds = (performance.now() - started) / 1000;
  for (const socket of sockets) socket.destroy();
  return { requests: times.length, perSecond: times.length / seconds, p99: quantile(times, 0.99) };
}

interface Running {
  readonly load: Load;
  /** Milliseconds of every exchange of all connections. */
  readonly times: number[];
  readonly isOver: () => boolean;
}

function exchanges(socket: TLSSocket, { load, times, isOver }: Running): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let sentAt = 0;
    let answer = "";
    const next = (): void => {
      sentAt = performance.now();
      if (isOver()) resolve();
      else socket.write(requestOf(load, sent++));
    };
    socket.setEncoding("latin1");
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the server closed a connection")));
    socket.on("data", (chunk: string) => {
      answer += chunk;
      if (!isWhole(answer)) return;
      if (!answer.startsWith("HTTP/1.1 200 ")) return reject(new Error(answer));
      if (load.mustPatch && !answer.includes('"patch":')) return reject(new Error(`nothing was injected: ${answer}`));
      answer = "";
      times.push(performance.now() - sentAt);
      next();
    });
    next();
  });
}

function isWhole(answer: string): boolean {
  const end = answer.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1];
  if (length === undefined) throw new Error(`an answer without a length: ${answer.slice(0, end)}`);
  return answer.length >= end + 4 + Number(length);
}

const REVIEW = podReview();
const HEAD = "POST /mutate-pods?timeout=5s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
const SAME = Buffer.from(`${HEAD}Content-Length: ${Buffer.byteLength(REVIEW)}\r\n\r\n${REVIEW}`);

/** For a soak every pod is another one: what is remembered by accident then shows. */
function requestOf({ everyPodDiffers }: Load, count: number): Buffer {
  if (!everyPodDiffers) return SAME;
  const own = `${process.hrtime.bigint()}-${count}`;
  const review = REVIEW.replaceAll("web-7c9f8d5b6", `web-${own}`).replace("0c7c2f5e-3c43", own);
  return Buffer.from(`${HEAD}Content-Length: ${Buffer.byteLength(review)}\r\n\r\n${review}`);
}

function connected({ port, ca }: Load): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ca }, () => resolve(socket));
    socket.once("error", reject);
  });
}
