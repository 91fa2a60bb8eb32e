import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createAuthority, issueLeaf, type KeyPair } from "../src/certificate/authority.ts";
import { median, rounded } from "./median.ts";

/** What the processes say to each other. A server is given its certificate, then asked for its state by any message. */
export type ServerOrder = KeyPair;
export type ServerAnswer = { readonly port: number } | ServerState;
interface ServerState {
  /** Since its process started. */
  readonly cpuMs: number;
  /** After a collection, when the process may ask for one. */
  readonly heapMb?: number;
}
export interface Load {
  readonly port: number;
  readonly ca: string;
  readonly connections: number;
  /** Ends after this or after the requests, whichever comes first. */
  readonly seconds?: number;
  readonly requests?: number;
  readonly everyPodDiffers?: boolean;
  readonly mustPatch?: boolean;
}
export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p99: number;
}

const CONNECTIONS = 16;
const SECONDS_PER_RUN = 1.5;
const PAIRS = 9;
/** For each server: as many as it takes until the compiler is done with it. */
const WARM_UP_REQUESTS = 20_000;
const SOAK_REQUESTS = 1_000_000;
const SOAK_STEPS = 10;

/** Requests a second over TLS on 16 kept connections, ours and a bare node:https server in turn; client and servers in processes of their own. */
export async function admissionOverHttps(): Promise<object> {
  const { ca, certificate } = await identity();
  const client = processOf("loadClient");
  const [own, bare] = await Promise.all([serving("ownServer", certificate), serving("bareServer", certificate)]);
  const run = async ({ port, process }: Serving): Promise<Run> => {
    const before = await stateOf(process);
    const load: Load = {
      port,
      ca,
      connections: CONNECTIONS,
      seconds: SECONDS_PER_RUN,
      mustPatch: process === own.process,
    };
    const result = await ask<LoadResult>(client, load);
    return { ...result, cpuMs: ((await stateOf(process)).cpuMs - before.cpuMs) / result.requests };
  };
  for (const { port } of [own, bare]) {
    await ask<LoadResult>(client, { port, ca, connections: CONNECTIONS, requests: WARM_UP_REQUESTS });
  }
  const pairs: (readonly [Run, Run])[] = [];
  for (let pair = 0; pair < PAIRS; pair++) pairs.push([await run(own), await run(bare)]);
  for (const child of [client, own.process, bare.process]) child.kill();
  return compared(pairs);
}

/** Heap after a collection at every tenth of a million admissions, each of another pod. */
export async function soak(): Promise<object> {
  const { ca, certificate } = await identity();
  const client = processOf("loadClient");
  const { port, process } = await serving("ownServer", certificate, ["--expose-gc"]);
  const heapMb: number[] = [];
  for (let step = 0; step < SOAK_STEPS; step++) {
    const requests = SOAK_REQUESTS / SOAK_STEPS;
    await ask<LoadResult>(client, {
      port,
      ca,
      connections: CONNECTIONS,
      requests,
      everyPodDiffers: true,
      mustPatch: true,
    });
    heapMb.push(rounded((await stateOf(process)).heapMb ?? Number.NaN, 2));
    console.error(`${(step + 1) * requests} admissions: ${heapMb.at(-1)} MB`);
  }
  for (const child of [client, process]) child.kill();
  return { admissions: SOAK_REQUESTS, heapMbAfterEachTenth: heapMb, grownMb: rounded(heapMb.at(-1)! - heapMb[0]!, 2) };
}

interface Run extends LoadResult {
  /** CPU of the server for one request, both sides of TLS left out that the client pays. */
  readonly cpuMs: number;
}

function compared(pairs: readonly (readonly [Run, Run])[]): object {
  const middle = (figure: (ours: Run, bare: Run) => number, digits: number) =>
    rounded(median(pairs.map(([ours, bare]) => figure(ours, bare))), digits);
  return {
    connections: CONNECTIONS,
    pairs: pairs.length,
    perSecond: middle((ours) => ours.perSecond, 0),
    barePerSecond: middle((_, bare) => bare.perSecond, 0),
    ratio: middle((ours, bare) => ours.perSecond / bare.perSecond, 2),
    p99Ms: middle((ours) => ours.p99, 2),
    bareP99Ms: middle((_, bare) => bare.p99, 2),
    p99Ratio: middle((ours, bare) => ours.p99 / bare.p99, 2),
    cpuMs: middle((ours) => ours.cpuMs, 3),
    bareCpuMs: middle((_, bare) => bare.cpuMs, 3),
    cpuRatio: middle((ours, bare) => ours.cpuMs / bare.cpuMs, 2),
  };
}

async function identity(): Promise<{ readonly ca: string; readonly certificate: KeyPair }> {
  const now = Date.now();
  const authority = await createAuthority({ commonName: "bench", now });
  const leaf = { commonName: "bench", usage: "server", now, ipAddresses: ["127.0.0.1"] } as const;
  return { ca: authority.certificate, certificate: await issueLeaf(authority, leaf) };
}

interface Serving {
  readonly process: ChildProcess;
  readonly port: number;
}

async function serving(file: string, certificate: ServerOrder, execArgv: string[] = []): Promise<Serving> {
  const child = processOf(file, execArgv);
  return { process: child, ...(await ask<{ readonly port: number }>(child, certificate)) };
}

/** The bundles stand side by side. */
function processOf(file: string, execArgv: string[] = []): ChildProcess {
  return fork(join(import.meta.dirname, `${file}.mjs`), { execArgv });
}

function stateOf(server: ChildProcess): Promise<ServerState> {
  return ask<ServerState>(server, "state");
}

/** Rejects when the process ends instead of answering. */
async function ask<T>(child: ChildProcess, question: object | string): Promise<T> {
  const answered = new AbortController();
  const answer = once(child, "message", { signal: answered.signal });
  const ended = once(child, "exit", { signal: answered.signal }).then(([code]) => {
    throw new Error(`a process of the benchmark ended with code ${code}`);
  });
  ended.catch(() => {});
  child.send(question);
  try {
    return (await Promise.race([answer, ended]))[0] as T;
  } finally {
    answered.abort();
  }
}
