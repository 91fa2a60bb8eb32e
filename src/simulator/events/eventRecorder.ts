import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import type { Environment } from "../../cluster/environment.ts";
import { EVENTS } from "../../cluster/resource.ts";
import type { KubeObject } from "../../core/kube/object.ts";
import { timestamp } from "../serverContext.ts";

/** What is told about an object, in the words of the component that tells it. */
export interface Occurrence {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** The part of the object, such as `spec.containers{app}`. */
  readonly fieldPath?: string;
}

/** Tells what happened to objects, for `kubectl describe` and `kubectl get events`. Best effort: what cannot be told is not. */
export interface EventRecorder {
  record(object: KubeObject, occurrence: Occurrence): void;
}

/** For whoever does not want to hear of it. */
export const NO_EVENTS: EventRecorder = { record: () => {} };

export interface EventRecorderOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  /** Who tells: `kubelet`, `default-scheduler`. */
  readonly component: string;
}

/** As a kubelet is limited: events beyond are lost, so that a storm of them is no storm of writes. */
const LIMIT = { perSecond: 50, burst: 100 };
/** How many occurrences are remembered, to be counted instead of told again. */
const MOST_REMEMBERED = 4096;

export function eventRecorder(options: EventRecorderOptions): EventRecorder {
  const recorder = new Recorder(options);
  return { record: (object, occurrence) => void recorder.record(object, occurrence) };
}

interface Told {
  readonly name: string;
  count: number;
}

class Recorder {
  readonly #options: EventRecorderOptions;
  readonly #told = new Map<string, Told>();
  #tokens = LIMIT.burst;
  #refilledAt = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  async record(object: KubeObject, occurrence: Occurrence): Promise<void> {
    if (!this.#mayWrite()) return;
    const key = JSON.stringify([object.metadata.uid, occurrence]);
    const told = this.#told.get(key);
    try {
      if (told) await this.#countAgain(object, told);
      else await this.#tell(object, occurrence, key);
    } catch (error) {
      this.#told.delete(key);
      if (isClusterError(error, "notFound", "forbidden", "alreadyExists")) return;
      this.#options.environment.log("debug", "an event was lost", { reason: occurrence.reason, error: String(error) });
    }
  }

  async #countAgain(object: KubeObject, told: Told): Promise<void> {
    const { cluster, environment } = this.#options;
    told.count += 1;
    const patch = { count: told.count, lastTimestamp: timestamp(environment.clock.now()) };
    const name = { namespace: namespaceOf(object), name: told.name };
    await cluster.patch(EVENTS, name, { type: "merge", patch });
  }

  async #tell(object: KubeObject, { fieldPath, ...what }: Occurrence, key: string): Promise<void> {
    const { cluster, environment, component } = this.#options;
    const now = environment.clock.now();
    const suffix = `${now.toString(16)}${Math.floor(environment.random() * 2 ** 24).toString(16)}`;
    const name = `${object.metadata.name}.${suffix}`;
    this.#remember(key, { name, count: 1 });
    const namespace = namespaceOf(object);
    const { uid, resourceVersion } = object.metadata;
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace },
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        name: object.metadata.name,
        ...(object.metadata.namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      ...what,
      source: { component },
      reportingComponent: component,
      reportingInstance: "",
      firstTimestamp: timestamp(now),
      lastTimestamp: timestamp(now),
      count: 1,
    };
    await cluster.create<KubeObject>(EVENTS, event, { namespace });
  }

  #remember(key: string, told: Told): void {
    this.#told.set(key, told);
    if (this.#told.size > MOST_REMEMBERED) this.#told.delete(this.#told.keys().next().value!);
  }

  #mayWrite(): boolean {
    const now = this.#options.environment.clock.now();
    const earned = ((now - this.#refilledAt) / 1000) * LIMIT.perSecond;
    this.#tokens = Math.min(LIMIT.burst, this.#tokens + earned);
    this.#refilledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** What has no namespace is spoken of in `default`. */
function namespaceOf({ metadata }: KubeObject): string {
  return metadata.namespace ?? "default";
}
