import type { Cluster } from "../../src/cluster/cluster.ts";
import type { ResourceType } from "../../src/cluster/resource.ts";

/** A cluster under contract. The same cases run against a real API server, and against the simulator over HTTPS and in memory. */
export interface ContractTarget {
  readonly cluster: Cluster;
  /** Plain HTTPS, for what the port does not say: status codes, headers, tables, discovery. Absent in memory. */
  readonly http?: HttpDoor;
  /** Settles when pods can be created in the namespace. */
  namespaceReady(namespace: string): Promise<void>;
  /** A version of some kind that its history no longer reaches back to. */
  expiredVersion(): Promise<ExpiredVersion>;
  close(): Promise<void>;
}

interface ExpiredVersion {
  readonly type: ResourceType;
  readonly resourceVersion: string;
}

export interface HttpDoor {
  request(method: string, path: string, options?: HttpOptions): Promise<HttpAnswer>;
}

export interface HttpOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is a text. */
  readonly body?: unknown;
}

export interface HttpAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** The text parsed, undefined when it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: cases look into answers of every shape, and a wrong look fails the case
  readonly json: any;
}

/** One promise of the API, as a sentence, and what shows it. */
interface ContractCase {
  readonly promise: string;
  run(context: CaseContext): Promise<void>;
}

/** A promise that only shows over HTTPS. */
interface HttpCase {
  readonly promise: string;
  run(context: CaseContext & { readonly http: HttpDoor }): Promise<void>;
}

export interface CaseContext extends Pick<ContractTarget, "cluster" | "expiredVersion"> {
  /** Of this case alone; pods can be created in it. */
  readonly namespace: string;
  /** A name no other case uses, for what has no namespace. */
  unique(prefix: string): string;
  /** Undoes what a case left outside its namespace, after it, in reverse order. */
  afterwards(undo: () => Promise<unknown>): void;
}

export interface Chapter {
  readonly title: string;
  readonly cases?: readonly ContractCase[];
  readonly httpCases?: readonly HttpCase[];
}
