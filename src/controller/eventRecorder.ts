import type { Cluster, Patch } from "../cluster/cluster.ts";
import { isClusterError } from "../cluster/clusterError.ts";
import type { Environment } from "../cluster/environment.ts";
import { EVENTS } from "../cluster/resource.ts";
import type { JsonObject, KubeObject } from "../core/kube/object.ts";
import { formatTime } from "../core/pod/recordJson.ts";
import type { News } from "../core/rollout/news.ts";
import { GROUP, SIDECAR_SET_KIND } from "../core/sidecarSet/annotations.ts";

export interface EventSubject {
  readonly name: string;
  readonly uid: string;
}

/** Events on objects without a namespace are kept there. */
const NAMESPACE = "default";
/** What is told again within this time raises the count of the Event before. */
const FOLD_MS = 600_000;
/** One Event is written at most this often; the last message stays. */
const INTERVAL_MS = 5000;
/** As many characters as the API server takes. */
const LONGEST_MESSAGE = 1024;

/** One Event object. */
interface Told {
  readonly name: string;
  readonly subject: EventSubject;
  readonly firstAt: number;
  news: News;
  count: number;
  lastAt: number;
  /** When it was last tried; 0: never. */
  writtenAt: number;
  /** The API server has it. */
  stored: boolean;
  cancel: (() => void) | undefined;
  busy: boolean;
}

/**
 * Tells news as Events on the SidecarSet, folded by reason: however often something happens, it costs a write now and then. What
 * cannot be written is lost; a rollout never waits for it.
 */
export class EventRecorder {
  readonly #cluster: Cluster;
  readonly #environment: Environment;
  readonly #told = new Map<string, Told>();
  #stopped = false;

  constructor(cluster: Cluster, environment: Environment) {
    this.#cluster = cluster;
    this.#environment = environment;
  }

  tell(subject: EventSubject, news: readonly News[]): void {
    for (const one of news) this.#tellOne(subject, one);
  }

  /** Of a set that is gone; what was told last is still written. */
  forget({ uid }: EventSubject): void {
    for (const key of this.#told.keys()) if (key.startsWith(`${uid}/`)) this.#told.delete(key);
  }

  stop(): void {
    this.#stopped = true;
    for (const told of this.#told.values()) told.cancel?.();
    this.#told.clear();
  }

  #tellOne(subject: EventSubject, news: News): void {
    const now = this.#environment.clock.now();
    const key = `${subject.uid}/${news.reason}`;
    const known = this.#told.get(key);
    if (known && known.lastAt + FOLD_MS > now) {
      Object.assign(known, { news, lastAt: now, count: known.count + 1 });
      this.#schedule(known);
      return;
    }
    const fresh = { name: this.#nameFor(subject), subject, firstAt: now, news, count: 1, lastAt: now };
    const told: Told = { ...fresh, writtenAt: 0, stored: false, cancel: undefined, busy: false };
    this.#told.set(key, told);
    void this.#write(told);
  }

  #schedule(told: Told): void {
    if (told.busy || told.cancel || this.#stopped) return;
    const { clock } = this.#environment;
    const waitMs = Math.max(0, told.writtenAt + INTERVAL_MS - clock.now());
    told.cancel = clock.after(waitMs, () => {
      told.cancel = undefined;
      void this.#write(told);
    });
  }

  async #write(told: Told): Promise<void> {
    const { clock, log } = this.#environment;
    const { count } = told;
    told.busy = true;
    told.writtenAt = clock.now();
    try {
      if (told.stored) await this.#cluster.patch(EVENTS, { namespace: NAMESPACE, name: told.name }, patchOf(told));
      else await this.#cluster.create(EVENTS, eventOf(told), { namespace: NAMESPACE });
      told.stored = true;
    } catch (error) {
      // The API server forgets Events after an hour.
      if (isClusterError(error, "notFound")) told.stored = false;
      log("debug", "an Event was not written", { sidecarset: told.subject.name, error: String(error) });
    }
    told.busy = false;
    if (told.count > count) this.#schedule(told);
  }

  #nameFor({ name }: EventSubject): string {
    const { clock, random } = this.#environment;
    const unique = `${clock.now().toString(16)}${Math.floor(random() * 2 ** 32).toString(16)}`;
    return `${name.slice(0, 200)}.${unique}`;
  }
}

function eventOf(told: Told): KubeObject {
  const { name, subject, firstAt } = told;
  const event = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name, namespace: NAMESPACE },
    involvedObject: { apiVersion: `${GROUP}/v1beta1`, kind: SIDECAR_SET_KIND, name: subject.name, uid: subject.uid },
    type: told.news.type,
    reason: told.news.reason,
    source: { component: "sidecarset" },
    reportingComponent: "sidecarset",
    reportingInstance: "",
    firstTimestamp: formatTime(firstAt),
    ...repeated(told),
  };
  return event;
}

function patchOf(told: Told): Patch {
  return { type: "merge", patch: repeated(told) };
}

/** What changes when it is told again. */
function repeated({ news, count, lastAt }: Told): JsonObject {
  return { message: shortened(news.message), count, lastTimestamp: formatTime(lastAt) };
}

function shortened(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE - 1)}…`;
}
