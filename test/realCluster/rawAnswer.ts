import { request } from "node:https";
import type { Access } from "../../src/kubeapi/access.ts";

interface RawRequest {
  readonly method: "GET" | "POST";
  readonly accept?: string;
  /** Of the body. */
  readonly type?: string;
  readonly body?: Buffer;
}

/** One request and its answer as bytes. */
export function rawAnswer(
  access: Access,
  path: string,
  { method, accept = "application/json", type, body }: RawRequest,
): Promise<{ readonly code: number; readonly body: Buffer; readonly text: string }> {
  const headers = { ...access.headers, accept, ...(type === undefined ? {} : { "content-type": type }) };
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, access.server), { ...access.tls, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        const bytes = Buffer.concat(chunks);
        resolve({ code: response.statusCode ?? 0, body: bytes, text: bytes.toString("utf8") });
      });
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}
