import { readFileSync } from "node:fs";
import { Pool } from "undici";
import { parse } from "yaml";

/** Requests as they stand, over kept connections: what the client of the manager does not offer is compared with it. */
export interface RawClient {
  send(request: RawRequest): Promise<RawAnswer>;
  close(): Promise<void>;
}

export interface RawRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  readonly path: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly body?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly body: Buffer;
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

/** @param kubeconfig of the control plane that the benchmark has started */
export function rawClient(kubeconfig: string, connections: number): RawClient {
  const { clusters, users } = parse(readFileSync(kubeconfig, "utf8")) as Kubeconfig;
  const { cluster } = clusters[0]!;
  const { user } = users[0]!;
  const decoded = (text = ""): Buffer => Buffer.from(text, "base64");
  const pool = new Pool(new URL(cluster.server!).origin, {
    connections,
    pipelining: 1,
    connect: {
      ca: decoded(cluster["certificate-authority-data"]),
      cert: decoded(user["client-certificate-data"]),
      key: decoded(user["client-key-data"]),
    },
  });
  return {
    async send({ method, path, contentType = "application/json", accept = "application/json", body }) {
      const headers = { accept, ...(body === undefined ? {} : { "content-type": contentType }) };
      const answer = await pool.request({ method, path, headers, ...(body === undefined ? {} : { body }) });
      return { status: answer.statusCode, body: Buffer.from(await answer.body.arrayBuffer()) };
    },
    close: () => pool.close(),
  };
}
