import { Agent, request } from "node:https";
import type { Access } from "../../src/kubeapi/access.ts";
import type { HttpAnswer, HttpDoor, HttpOptions } from "./target.ts";

/** Requests as they are, nothing retried and nothing read into the answer. */
export function httpDoor(access: Access): HttpDoor & { close(): void } {
  const agent = new Agent({ ...access.tls, keepAlive: true });
  return {
    request: (method, path, options = {}) => send(agent, access, method, path, options),
    close: () => agent.destroy(),
  };
}

function send(agent: Agent, access: Access, method: string, path: string, options: HttpOptions): Promise<HttpAnswer> {
  const body =
    typeof options.body === "string" || options.body === undefined ? options.body : JSON.stringify(options.body);
  const headers = {
    accept: "application/json",
    ...access.headers,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...options.headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, access.server), { method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ code: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) });
      });
    });
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
