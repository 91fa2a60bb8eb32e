import { type ApiObject, isRecord } from "../apiObject.ts";
import type { ApiRequest, ApiResult, RequestOptions, UserInfo } from "../apiRequest.ts";
import type { ApiServer } from "../apiServer.ts";
import { unknownPath } from "../apiStatus.ts";
import {
  includeObjectOf,
  metadataList,
  metadataOnly,
  type TableSettings,
  tableOfList,
  tableOfObject,
} from "../table/table.ts";
import { readDeleteOptions } from "../verbs/act.ts";
import { type AcceptedForm, acceptedForm } from "./acceptedForm.ts";
import { type AuthenticationSettings, authenticate } from "./authentication.ts";
import { discoveryDocument } from "./discovery.ts";
import { openApiDocument } from "./openapi.ts";
import { podBytes, podListBytes } from "./protobufAnswer.ts";
import { type HttpRequest, parseBody, parsePatch, readBody } from "./requestBody.ts";
import { logOptionsOf, type ResourcePath, requestOptionsOf, resourcePath, verbOf } from "./requestRoute.ts";
import {
  type HttpResponse,
  PROTOBUF_HEADERS,
  sendBody,
  serialised,
  serialisedList,
  warningHeaders,
} from "./respond.ts";
import { sendText, sendWatch } from "./watchResponse.ts";

const HEALTH = ["/healthz", "/livez", "/readyz"];

/** One HTTP request, from its URL to the answer. Rejects with what is to be answered as a Status. */
export async function answerRequest(
  server: ApiServer,
  request: HttpRequest,
  response: HttpResponse,
  settings: AuthenticationSettings,
): Promise<void> {
  const url = new URL(request.url ?? "/", "https://server");
  if (HEALTH.some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`))) {
    return sendBody(response, 200, "ok", { "content-type": "text/plain" });
  }
  if (url.pathname === "/version") return sendBody(response, 200, JSON.stringify(VERSION));
  const user = authenticate(request, settings);
  const path = resourcePath(url.pathname);
  if (path) return answerResource(server, { request, response, url, path, user });
  const document = documentAt(server, url.pathname.replace(/\/$/, ""), request.headers.accept);
  if (!document) throw unknownPath();
  sendBody(response, 200, JSON.stringify(document.body), { "content-type": document.contentType });
}

const VERSION = {
  major: "1",
  minor: "36",
  gitVersion: "v1.36.0-sidecarset",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "2026-01-01T00:00:00Z",
  goVersion: "none",
  compiler: "none",
  platform: "embedded/node",
};

function documentAt(server: ApiServer, path: string, accept: string | undefined) {
  const contentType = "application/json";
  if (path === "")
    return {
      contentType,
      body: { paths: ["/api", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"] },
    };
  if (path.startsWith("/openapi/v3")) {
    const body = openApiDocument(server.registry, path);
    return body && { contentType, body };
  }
  if (!/^\/apis?(\/|$)/.test(path)) return undefined;
  const form = acceptedForm(accept, { protobuf: false });
  const body = discoveryDocument(server.registry, path, form);
  const aggregated = body?.kind === "APIGroupDiscoveryList";
  return body && { contentType: aggregated ? AGGREGATED_TYPE : contentType, body };
}

const AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

interface Exchange {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly url: URL;
  readonly path: ResourcePath;
  readonly user: UserInfo;
}

async function answerResource(server: ApiServer, exchange: Exchange): Promise<void> {
  const { request, path } = exchange;
  const form = acceptedForm(request.headers.accept, { protobuf: request.method === "GET" && isPods(path) });
  const apiRequest = await readRequest(server, exchange);
  const result = await server.handle(apiRequest);
  await sendResult(server, exchange, result, form);
}

function isPods({ group, version, plural, subresource }: ResourcePath): boolean {
  return group === "" && version === "v1" && plural === "pods" && subresource === undefined;
}

async function readRequest(server: ApiServer, { request, response, url, path, user }: Exchange): Promise<ApiRequest> {
  const verb = verbOf(request.method ?? "GET", path, url.searchParams);
  const options: RequestOptions = requestOptionsOf(url.searchParams);
  const userAgent = request.headers["user-agent"] ?? "";
  const plain: ApiRequest = { ...path, verb, options, user, userAgent };
  server.checkServed(plain);
  if (path.subresource === "log") return { ...plain, log: logOptionsOf(url.searchParams), signal: endOf(response) };
  if (verb === "get" || verb === "list" || verb === "watch") return plain;
  const bytes = await readBody(request);
  const contentType = request.headers["content-type"];
  if (verb === "patch") return { ...plain, patch: parsePatch(bytes, contentType) };
  const body = parseBody(bytes, contentType);
  if (verb === "create" || verb === "update") return { ...plain, body };
  const deletion = isRecord(body) && Object.keys(body).length > 0 ? readDeleteOptions(body) : {};
  return { ...plain, options: { ...options, ...deletion } };
}

async function sendResult(server: ApiServer, exchange: Exchange, result: ApiResult, form: AcceptedForm): Promise<void> {
  const { response, path, url } = exchange;
  const table = (): TableSettings => ({
    columns: server.registry.find(path.group, path.plural)?.versions[path.version]?.columns ?? [],
    now: server.environment.clock.now(),
    includeObject: includeObjectOf(url.searchParams.get("includeObject")),
  });
  switch (result.type) {
    case "text":
      if (!result.chunks) return void response.writeHead(204).end();
      return sendText(response, result.chunks);
    case "watch":
      return sendWatch(response, result.stream, { form, table });
    case "list":
      if (form === "protobuf") return sendBody(response, 200, podListBytes(result.list), PROTOBUF_HEADERS);
      return sendBody(response, 200, listText(result.list, form, table));
    case "object":
      if (form === "protobuf") return sendBody(response, 200, podBytes(result.object as ApiObject), PROTOBUF_HEADERS);
      return sendBody(response, result.code, objectText(result, form, table), warningHeaders(result.warnings));
  }
}

function endOf(response: HttpResponse): AbortSignal {
  const end = new AbortController();
  response.on("close", () => end.abort());
  return end.signal;
}

function listText(
  list: Extract<ApiResult, { type: "list" }>["list"],
  form: AcceptedForm,
  table: () => TableSettings,
): string {
  if (form === "table") return JSON.stringify(tableOfList(list, table()));
  return form === "metadata" ? JSON.stringify(metadataList(list)) : serialisedList(list);
}

function objectText(
  { object }: Extract<ApiResult, { type: "object" }>,
  form: AcceptedForm,
  table: () => TableSettings,
): string {
  if (object.kind === "Status" || form === "object" || !("apiVersion" in object)) return serialised(object);
  const shown = object as Exclude<typeof object, { kind: "Status" }>;
  return JSON.stringify(form === "table" ? tableOfObject(shown, table()) : metadataOnly(shown));
}
