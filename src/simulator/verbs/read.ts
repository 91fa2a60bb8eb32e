import type { ApiObject } from "../apiObject.ts";
import { isRecord, storageKey } from "../apiObject.ts";
import type { ApiList, ApiRequest, RequestOptions } from "../apiRequest.ts";
import { badRequest, expired, failure } from "../apiStatus.ts";
import { objectFilter } from "../objectFilter.ts";
import type { ServerContext } from "../serverContext.ts";
import { existing, inVersion, type Target } from "./target.ts";

export function getObject(target: Target): ApiObject {
  const object = inVersion(existing(target), target.definition, target.version);
  return target.subresource?.type === "view" ? target.subresource.read(object) : object;
}

/** Lists the newest state, or with `continue` and an exact resourceVersion the state as it was then. */
export function listObjects(context: ServerContext, target: Target, request: ApiRequest): ApiList {
  const options = request.options ?? {};
  const matches = objectFilter(target.definition, options);
  const page = options.continue === undefined || options.continue === "" ? undefined : readToken(options.continue);
  const version = page?.version ?? versionAsked(context, options);
  const all =
    version === undefined ? target.table.list(target.namespace) : target.table.listAt(version, target.namespace);
  if (!all) throw expired(TOO_OLD);
  const found = all.filter((object) => (page === undefined || keyOf(object) > page.after) && matches(object));
  const limit = options.limit ?? 0;
  const items = limit > 0 && found.length > limit ? found.slice(0, limit) : found;
  const remaining = found.length - items.length;
  const resourceVersion = version ?? context.store.version;
  const filtered = (options.labelSelector ?? "") !== "" || (options.fieldSelector ?? "") !== "";
  return {
    apiVersion: apiVersionOf(target),
    kind: target.definition.listKind,
    metadata: {
      resourceVersion: String(resourceVersion),
      ...(remaining > 0 ? { continue: writeToken({ version: resourceVersion, after: keyOf(items.at(-1)!) }) } : {}),
      ...(remaining > 0 && !filtered ? { remainingItemCount: remaining } : {}),
    },
    items: items.map((object) => inVersion(object, target.definition, target.version)),
    itemsNameKind: !target.definition.strategicMerge,
  };
}

const TOO_OLD =
  "The provided continue parameter is too old to display a consistent list result. Start a new list without the continue parameter.";

/** Undefined: the newest state serves the request, whatever "not older than" it names. */
function versionAsked(context: ServerContext, options: RequestOptions): number | undefined {
  const { resourceVersion, resourceVersionMatch } = options;
  if (resourceVersion === undefined || resourceVersion === "" || resourceVersion === "0") return undefined;
  const version = readVersion(resourceVersion);
  if (version > context.store.version) {
    const message = `Too large resource version: ${version}, current: ${context.store.version}`;
    throw failure(504, "Timeout", message, {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    });
  }
  const exact = resourceVersionMatch === "Exact" || (resourceVersionMatch === undefined && (options.limit ?? 0) > 0);
  return exact ? version : undefined;
}

export function readVersion(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}

interface PageToken {
  readonly version: number;
  readonly after: string;
}

function writeToken({ version, after }: PageToken): string {
  return Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: version, start: after })).toString("base64url");
}

function readToken(text: string): PageToken {
  let token: unknown;
  try {
    token = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    token = undefined;
  }
  if (!isRecord(token) || typeof token.rv !== "number" || typeof token.start !== "string") {
    throw badRequest("invalid continue token: continue key is not valid: it was not made by this server");
  }
  return { version: token.rv, after: token.start };
}

function keyOf(object: ApiObject): string {
  return storageKey(object.metadata.namespace, object.metadata.name!);
}

export function apiVersionOf({ definition, version }: Target): string {
  return definition.group === "" ? version : `${definition.group}/${version}`;
}
