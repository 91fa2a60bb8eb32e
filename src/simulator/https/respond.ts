import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import { ClusterError } from "../../cluster/clusterError.ts";
import type { Log } from "../../cluster/environment.ts";
import type { Status } from "../../core/kube/object.ts";
import type { ApiObject } from "../apiObject.ts";
import type { ApiList } from "../apiRequest.ts";
import { internalError } from "../apiStatus.ts";
import { PROTOBUF, prefersProtobuf } from "./acceptedForm.ts";
import { statusBytes } from "./protobufAnswer.ts";

export type HttpResponse = ServerResponse | Http2ServerResponse;

const texts = new WeakMap<object, string>();

/** One serialisation per stored version of an object, whoever reads it. */
export function serialised(object: ApiObject | Status): string {
  let text = texts.get(object);
  if (text === undefined) {
    text = JSON.stringify(object);
    texts.set(object, text);
  }
  return text;
}

/** Built-in kinds leave out of the items what the list says already. */
export function serialisedList({ apiVersion, kind, metadata, items, itemsNameKind }: ApiList): string {
  const head = JSON.stringify({ kind, apiVersion, metadata }).slice(0, -1);
  return `${head},"items":[${items.map(itemsNameKind ? serialised : serialisedBare).join(",")}]}`;
}

const bareTexts = new WeakMap<object, string>();

function serialisedBare(object: ApiObject): string {
  let text = bareTexts.get(object);
  if (text === undefined) {
    const { apiVersion: _apiVersion, kind: _kind, ...rest } = object;
    text = JSON.stringify(rest);
    bareTexts.set(object, text);
  }
  return text;
}

export function sendBody(
  response: HttpResponse,
  code: number,
  text: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = typeof text === "string" ? Buffer.from(text) : text;
  response.writeHead(code, { "content-type": "application/json", "content-length": body.length, ...headers });
  response.end(body);
}

export function warningHeaders(warnings: readonly string[]): Record<string, string> {
  if (warnings.length === 0) return {};
  const encoded = [...new Set(warnings)].map((warning) => `299 - ${JSON.stringify(warning.replace(/[\r\n]+/g, " "))}`);
  return { warning: encoded.join(", ") };
}

export const PROTOBUF_HEADERS = { "content-type": PROTOBUF };

interface Asked {
  /** The Accept header. */
  readonly accept: string | undefined;
  readonly log: Log;
}

/** What went wrong as a Status; what should not have gone wrong as a 500 and in the log. */
export function sendError(response: HttpResponse, error: unknown, { accept, log }: Asked): void {
  const known = error instanceof ClusterError && error.status;
  if (!known) log("error", "the embedded API server failed", { error: error instanceof Error ? error.stack : error });
  const status: Status = known || internalError(error instanceof Error ? error.message : String(error)).status!;
  if (response.headersSent) return void response.end();
  const wait = status.details?.retryAfterSeconds;
  const asProtobuf = prefersProtobuf(accept);
  sendBody(response, status.code ?? 500, asProtobuf ? statusBytes(status) : JSON.stringify(status), {
    ...(wait === undefined ? {} : { "retry-after": String(wait) }),
    ...(asProtobuf ? PROTOBUF_HEADERS : {}),
  });
}
