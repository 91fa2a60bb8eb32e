import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { parse as parseYaml } from "yaml";
import type { Patch } from "../../cluster/cluster.ts";
import type { JsonPatch } from "../../core/kube/jsonPatch.ts";
import type { JsonObject } from "../../core/kube/object.ts";
import { isRecord } from "../apiObject.ts";
import type { ApplyPatch } from "../apiRequest.ts";
import { badRequest, failure, unsupportedMediaType } from "../apiStatus.ts";
import { parseProtobuf } from "./protobufBody.ts";

export type HttpRequest = IncomingMessage | Http2ServerRequest;

const LARGEST_BODY = 3 * 1024 * 1024;

/** The whole body; 413 beyond the limit of a real server. */
export async function readBody(request: HttpRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) {
      const message = `Request entity too large: limit is ${LARGEST_BODY}`;
      throw failure(413, "RequestEntityTooLarge", message);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A JSON, YAML or (for some kinds) protobuf document; undefined when there is none. */
export function parseBody(body: Buffer, contentType: string | undefined): unknown {
  if (body.length === 0) return undefined;
  const type = mediaType(contentType);
  if (type === "application/vnd.kubernetes.protobuf") return parseProtobuf(body);
  const text = body.toString();
  if (type === "application/yaml") return parsed(() => parseYaml(text) as unknown);
  if (type !== "" && type !== "application/json") throw unsupportedMediaType(unknownFormat(JSON_AND_YAML));
  return parsed(() => JSON.parse(text) as unknown);
}

const JSON_AND_YAML = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const PATCH_TYPES = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];

export function parsePatch(body: Buffer, contentType: string | undefined): Patch | ApplyPatch {
  const type = mediaType(contentType);
  if (!PATCH_TYPES.includes(type)) throw unsupportedMediaType(unknownFormat(PATCH_TYPES));
  if (type === "application/apply-patch+yaml") {
    const configuration = parsed(() => parseYaml(body.toString()) as unknown);
    if (!isRecord(configuration)) throw badRequest("the configuration is no object");
    return { type: "apply", configuration: configuration as JsonObject };
  }
  const patch = parsed(() => JSON.parse(body.toString()) as unknown);
  if (type === "application/json-patch+json") {
    if (!Array.isArray(patch)) throw badRequest("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
    return { type: "json", operations: patch as JsonPatch };
  }
  if (!isRecord(patch)) throw badRequest("the patch is no JSON object");
  return { type: type === "application/merge-patch+json" ? "merge" : "strategic", patch: patch as JsonObject };
}

function parsed(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    throw badRequest(`error parsing the body: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function mediaType(contentType: string | undefined): string {
  return (contentType ?? "").split(";")[0]!.trim().toLowerCase();
}

function unknownFormat(accepted: readonly string[]): string {
  return `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`;
}
