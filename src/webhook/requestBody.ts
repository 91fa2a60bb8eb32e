import type { IncomingMessage } from "node:http";
import type { Status } from "../core/kube/object.ts";
import { err, ok, type Result } from "../core/result.ts";
import { failure } from "./admissionReview.ts";

/** Twice what etcd stores (old and new object of an update) with room for the rest of a review. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;

/**
 * Reads a JSON body. Rejects when the sender goes away. What is refused still flows past, for as long as a request may take: closing
 * on a sender who is not done would lose the answer.
 */
export async function bodyOf(request: IncomingMessage): Promise<Result<string, Status>> {
  const body = await readBody(request);
  if (!body.ok) request.resume();
  return body;
}

async function readBody(request: IncomingMessage): Promise<Result<string, Status>> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    const message = `the content type must be application/json, not ${JSON.stringify(type)}`;
    return err(failure({ code: 415, reason: "UnsupportedMediaType", message }));
  }
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return err(TOO_LARGE);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) return err(TOO_LARGE);
    chunks.push(chunk as Buffer);
  }
  return ok(Buffer.concat(chunks).toString("utf8"));
}

const TOO_LARGE = failure({
  code: 413,
  reason: "RequestEntityTooLarge",
  message: `the request body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB, the most this webhook reads`,
});
