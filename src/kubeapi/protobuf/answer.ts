import type { ObjectList } from "../../cluster/cluster.ts";
import type { Status } from "../../core/kube/object.ts";
import type { Pod } from "../../core/kube/pod.ts";
import { integer, type Message, many, message, one, readMessage, text, value } from "./message.ts";
import { POD, sparsePod } from "./sparsePod.ts";
import { WireReader } from "./wireReader.ts";

/** One event of a watch as it is sent. */
export interface WirePodEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: Pod | Status;
}

/** The body of a list of pods. Like all that is read here it throws a ClusterError for bytes that are something else. */
export function readPodList(body: Buffer): ObjectList<Pod> {
  const { metadata, items } = readWhole(body, "PodList") as WirePodList;
  return {
    resourceVersion: metadata?.resourceVersion ?? "",
    items,
    ...(metadata?.continue ? { continue: metadata.continue } : {}),
  };
}

/** The body of one pod, as it is answered to a write. */
export function readPod(body: Buffer): Pod {
  return readWhole(body, "Pod") as Pod;
}

/** The body of a refusal. */
export function readStatus(body: Buffer): Status {
  return readWhole(body, "Status") as Status;
}

/** One frame of a watch on pods. */
export function readPodEvent(frame: Buffer): WirePodEvent {
  const wire = new WireReader(frame);
  const event = readMessage<WireWatchEvent>(WATCH_EVENT, {}, wire, wire.size);
  const { type, object: { raw: { typeMeta, object } = {} } = {} } = event;
  const wanted = type === "ERROR" ? "Status" : "Pod";
  if (!isEventType(type) || typeMeta?.kind !== wanted || object === undefined)
    throw wire.unreadable(`an event ${type} with ${typeMeta?.kind ?? "nothing"}`);
  return { type, object: object as Pod | Status };
}

interface WirePodList {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items: readonly Pod[];
}

interface WireWatchEvent {
  readonly type?: string;
  readonly object?: { readonly raw?: Envelope };
}

/** Every answer, and every object within one that can be of several kinds, is wrapped in one that names the kind before the bytes. */
interface Envelope {
  readonly typeMeta?: { readonly kind?: string };
  readonly object?: object;
}

function readWhole(body: Buffer, kind: string): object {
  const wire = new WireReader(body);
  const { typeMeta, object } = readEnvelope(wire, wire.size);
  if (typeMeta?.kind !== kind || !object) throw wire.unreadable(`${typeMeta?.kind ?? "nothing"} instead of ${kind}`);
  return object;
}

function readEnvelope(wire: WireReader, end: number): Envelope {
  wire.expect(MAGIC);
  return readMessage<Envelope>(ENVELOPE, {}, wire, end);
}

const MAGIC = Buffer.from("k8s\0");

const STATUS_CAUSE = message({ reason: text(1), message: text(2), field: text(3) });
const STATUS_DETAILS = message({
  name: text(1),
  group: text(2),
  kind: text(3),
  causes: many(4, STATUS_CAUSE),
  retryAfterSeconds: integer(5),
  uid: text(6),
});
const STATUS = message({
  status: text(2),
  message: text(3),
  reason: text(4),
  details: one(5, STATUS_DETAILS),
  code: integer(6),
});
const POD_LIST = message({
  metadata: one(1, message({ resourceVersion: text(2), continue: text(3) })),
  items: many(2, POD, sparsePod),
});

/** What an envelope may hold, and how each begins. */
const KINDS: ReadonlyMap<string | undefined, { readonly of: Message; readonly start: () => object }> = new Map([
  ["Pod", { of: POD, start: sparsePod }],
  ["PodList", { of: POD_LIST, start: () => ({ items: [] }) }],
  ["Status", { of: STATUS, start: () => ({ apiVersion: "v1", kind: "Status", metadata: {} }) }],
]);

const ENVELOPE = message({
  typeMeta: one(1, message({ kind: text(2) })),
  object: value(2, (wire, end, envelope: Envelope) => {
    const kind = KINDS.get(envelope.typeMeta?.kind);
    if (!kind) throw wire.unreadable(`kind ${envelope.typeMeta?.kind ?? "(none)"} is not expected`);
    return readMessage(kind.of, kind.start(), wire, end);
  }),
});

const WATCH_EVENT = message({ type: text(1), object: one(2, message({ raw: value(1, readEnvelope) })) });

const EVENT_TYPES = ["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"] as const;

function isEventType(type: string | undefined): type is WirePodEvent["type"] {
  return EVENT_TYPES.includes(type as WirePodEvent["type"]);
}
