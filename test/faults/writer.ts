import type { Cluster } from "../../src/cluster/cluster.ts";
import { type Clock, sleep } from "../../src/cluster/environment.ts";
import type { ResourceType } from "../../src/cluster/resource.ts";
import type { KubeObject } from "../../src/core/kube/object.ts";
import { aConfigMap, aPodOnNode } from "../contract/fixtures.ts";
import type { Draws } from "../fuzz/draws.ts";

export interface WriterOptions {
  readonly cluster: Cluster;
  readonly kinds: readonly ResourceType[];
  readonly namespace: string;
  readonly clock: Clock;
  readonly draws: Draws;
  readonly signal: AbortSignal;
}

const NAMES = 12;

/** Creates, changes, deletes and recreates objects through the same bad line, one after the other. */
export class Writer {
  done = 0;
  refused = 0;
  readonly #options: WriterOptions;
  /** What there should be, if no write went astray. */
  readonly #created = new Set<string>();

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  async run(goesOn: () => boolean): Promise<void> {
    const { clock, draws, signal } = this.#options;
    while (goesOn() && !signal.aborted) {
      await this.#write().then(
        () => this.done++,
        () => this.refused++,
      );
      await sleep(clock, 300 + draws.below(1_200), signal);
    }
  }

  async #write(): Promise<unknown> {
    const { cluster, kinds, namespace, draws } = this.#options;
    const type = draws.pick(kinds);
    const name = `object-${draws.below(NAMES)}`;
    const target = { namespace, name };
    const key = `${type.kind} ${name}`;
    if (!this.#created.has(key)) {
      this.#created.add(key);
      return cluster.create(type, this.#object(type, name));
    }
    const choice = draws.below(8);
    if (choice > 1) {
      return cluster.patch(type, target, { type: "merge", patch: { metadata: { annotations: this.#marks() } } });
    }
    this.#created.delete(key);
    await cluster.delete(type, target, { gracePeriodSeconds: 0 });
    return choice === 0 ? undefined : cluster.create(type, this.#object(type, name));
  }

  #object(type: ResourceType, name: string): KubeObject {
    const { namespace } = this.#options;
    const metadata = { annotations: this.#marks() };
    return type.kind === "Pod"
      ? aPodOnNode(namespace, name, { metadata })
      : aConfigMap(name, { text: "größe-日本-🚀".repeat(5) }, { namespace, ...metadata });
  }

  /** Different each time, so that one can tell whether a write was sent twice. */
  #marks(): Record<string, string> {
    return { "write/number": `${this.done + this.refused}-größe`, "write/by": "the writer of the bad line" };
  }
}
