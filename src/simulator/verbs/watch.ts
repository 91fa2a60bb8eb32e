import { INITIAL_EVENTS_END } from "../../cluster/cluster.ts";
import type { ApiObject } from "../apiObject.ts";
import type { ApiRequest, RequestOptions } from "../apiRequest.ts";
import { expired, invalid } from "../apiStatus.ts";
import { type ObjectFilter, objectFilter } from "../objectFilter.ts";
import type { ServerContext } from "../serverContext.ts";
import type { StoredEvent } from "../store/resourceTable.ts";
import { type ServerEvent, WatchStream } from "../store/watchStream.ts";
import { apiVersionOf, readVersion } from "./read.ts";
import { inVersion, type Target } from "./target.ts";

const BOOKMARK_EVERY_MS = 60_000;
const LONGEST_WATCH_SECONDS = 3600;

/**
 * Opens a watch: first what the start asks for (the current state, or the changes since a version), then every change as it is
 * stored. An object that starts or stops to match the selectors is ADDED or DELETED for this watch.
 */
export function watchObjects(context: ServerContext, target: Target, request: ApiRequest): WatchStream {
  const options = request.options ?? {};
  checkOptions(options);
  const matches = objectFilter(target.definition, options);
  const view = { target, matches: inScope(request, matches) };
  const stream = new WatchStream();
  if (sendStart(context, view, options, stream)) follow(context, view, options, stream);
  return stream;
}

interface View {
  readonly target: Target;
  readonly matches: ObjectFilter;
}

/** @returns false when the stream ended with an error */
function sendStart(context: ServerContext, view: View, options: RequestOptions, stream: WatchStream): boolean {
  const { target } = view;
  const start = options.resourceVersion ?? "";
  const initial = options.sendInitialEvents ?? (start === "" || start === "0");
  if (initial) {
    for (const object of target.table.list(target.namespace)) {
      if (view.matches(object)) stream.push({ type: "ADDED", object: shown(object, target) });
    }
    if (options.sendInitialEvents) stream.push(bookmark(context, target, { [INITIAL_EVENTS_END]: "true" }));
    return true;
  }
  if (start === "" || start === "0") return true;
  const missed = target.table.eventsAfter(readVersion(start));
  if (!missed) {
    const status = expired(`too old resource version: ${start} (${target.table.forgottenUpTo})`).status!;
    stream.push({ type: "ERROR", object: status });
    stream.close();
    return false;
  }
  for (const event of missed) send(event, view, stream);
  return true;
}

function follow(context: ServerContext, view: View, options: RequestOptions, stream: WatchStream): void {
  const { clock } = context.environment;
  context.watches.add(stream);
  stream.onClose(() => context.watches.delete(stream));
  stream.onClose(view.target.table.subscribe((event) => send(event, view, stream)));
  const seconds = options.timeoutSeconds ?? LONGEST_WATCH_SECONDS;
  stream.onClose(clock.after(seconds * 1000, () => stream.close()));
  if (options.allowWatchBookmarks) stream.onClose(sendBookmarks(context, view.target, stream));
}

/** @returns stops it */
function sendBookmarks(context: ServerContext, target: Target, stream: WatchStream): () => void {
  let cancel = (): void => {};
  function next(): void {
    cancel = context.environment.clock.after(BOOKMARK_EVERY_MS, () => {
      stream.push(bookmark(context, target));
      next();
    });
  }
  next();
  return () => cancel();
}

function send(event: StoredEvent, { target, matches }: View, stream: WatchStream): void {
  const before = event.previous !== undefined && matches(event.previous);
  const now = event.type !== "DELETED" && matches(event.object);
  if (!before && !now) return;
  const type = now ? (before ? "MODIFIED" : "ADDED") : "DELETED";
  const object = type === "DELETED" && event.type !== "DELETED" ? lastSeen(event) : event.object;
  stream.push({ type, object: shown(object, target) });
}

const lastSeenOf = new WeakMap<StoredEvent, ApiObject>();

/** An object that left the selection is shown as it was before, under the version of the change. */
function lastSeen(event: StoredEvent): ApiObject {
  let object = lastSeenOf.get(event);
  if (!object) {
    const previous = event.previous!;
    object = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(event.version) } };
    lastSeenOf.set(event, object);
  }
  return object;
}

function shown(object: ApiObject, { definition, version }: Target): ApiObject {
  return inVersion(object, definition, version);
}

function inScope({ namespace }: ApiRequest, matches: ObjectFilter): ObjectFilter {
  return namespace === undefined ? matches : (object) => object.metadata.namespace === namespace && matches(object);
}

function bookmark(context: ServerContext, target: Target, annotations?: Record<string, string>): ServerEvent {
  const object = {
    apiVersion: apiVersionOf(target),
    kind: target.definition.kind,
    metadata: { resourceVersion: String(context.store.version), ...(annotations ? { annotations } : {}) },
  };
  return { type: "BOOKMARK", object };
}

function checkOptions(options: RequestOptions): void {
  const { sendInitialEvents, resourceVersionMatch } = options;
  const kind = { group: "meta.k8s.io", kind: "ListOptions" };
  if (sendInitialEvents === undefined && resourceVersionMatch !== undefined) {
    const detail = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
    throw invalid(kind, "", [{ field: "resourceVersionMatch", type: "FieldValueForbidden", detail }]);
  }
  if (sendInitialEvents !== undefined && resourceVersionMatch !== "NotOlderThan") {
    const detail = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
    throw invalid(kind, "", [{ field: "resourceVersionMatch", type: "FieldValueForbidden", detail }]);
  }
}
