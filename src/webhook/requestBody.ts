import type { IncomingMessage } from "node:http";
import type { Status } from "../core/kube/object.ts";
import { err, ok, type Result } from "../core/result.ts";
import { failure } from "./admissionReview.ts";

/** Twice what etcd stores (old and new object of an update) with room for the rest of a review. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;

const JSON_TYPE = /^application\/json\s*(;|$)/i;

/**
 * Reads a JSON body. Rejects when the sender goes away. What is refused still flows past, for as long as a request may take: closing
 * on a sender who is not done would lose the answer.
 */
export function bodyOf(request: IncomingMessage): Promise<Result<Buffer, Status>> {
  const refusal = refusalByHead(request);
  if (refusal === undefined) return readBody(request);
  request.resume();
  return Promise.resolve(err(refusal));
}

function refusalByHead({ headers }: IncomingMessage): Status | undefined {
  const type = headers["content-type"] ?? "";
  if (!JSON_TYPE.test(type)) {
    const message = `the content type must be application/json, not ${JSON.stringify(type)}`;
    return failure({ code: 415, reason: "UnsupportedMediaType", message });
  }
  return Number(headers["content-length"] ?? 0) > MAX_BODY_BYTES ? TOO_LARGE : undefined;
}

/** By events, not by iteration, which takes as long as half a decision. */
function readBody(request: IncomingMessage): Promise<Result<Buffer, Status>> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) {
        chunks.push(chunk);
      } else {
        chunks = [];
        resolve(err(TOO_LARGE));
      }
    });
    request.on("end", () => resolve(ok(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))));
    request.on("error", reject);
  });
}

const TOO_LARGE = failure({
  code: 413,
  reason: "RequestEntityTooLarge",
  message: `the request body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB, the most this webhook reads`,
});
