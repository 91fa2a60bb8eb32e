import { type Environment, sleep } from "../cluster/environment.ts";
import type { LocalCopy } from "../cluster/localCopy.ts";
import type { Soon } from "../cluster/soon.ts";
import { compileSelectorOnce } from "../core/kube/labelSelector.ts";
import { isJsonObject, type JsonObject } from "../core/kube/object.ts";
import { parseSidecarSet } from "../core/sidecarSet/parseSidecarSet.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";

/** What an API server takes, at most, from our answer until the SidecarSet is stored and its watch has told us. */
const ARRIVES_MS = 500;
const LOOK_MS = 2;

/**
 * SidecarSets that we have let pass and do not know yet: a pod may come sooner than the watch tells of its SidecarSet. Such a pod waits for
 * it, and no other does.
 */
export class ComingSidecarSets {
  readonly #copy: LocalCopy<SidecarSet | undefined>;
  readonly #clock: Environment["clock"];
  readonly #coming = new Map<string, { readonly set: SidecarSet; readonly until: number }>();

  constructor(copy: LocalCopy<SidecarSet | undefined>, clock: Environment["clock"]) {
    this.#copy = copy;
    this.#clock = clock;
  }

  /** It was judged, and is about to be stored for the first time. */
  expect(manifest: JsonObject): void {
    const set = parseSidecarSet(manifest);
    if (set.ok) this.#coming.set(set.value.name, { set: set.value, until: this.#clock.now() + ARRIVES_MS });
  }

  /** Settles when every SidecarSet that may select the pod is known, or will not come any more. At once where none is on its way. */
  arrived(pod: JsonObject | undefined): Soon<void> {
    return this.#coming.size === 0 || this.#isAllHere(pod) ? undefined : this.#wait(pod);
  }

  async #wait(pod: JsonObject | undefined): Promise<void> {
    do await sleep(this.#clock, LOOK_MS);
    while (!this.#isAllHere(pod));
  }

  #isAllHere(pod: JsonObject | undefined): boolean {
    const metadata = isJsonObject(pod?.metadata) ? pod.metadata : {};
    const labels = isJsonObject(metadata.labels) ? (metadata.labels as Readonly<Record<string, string>>) : {};
    for (const [name, { set, until }] of this.#coming) {
      if (this.#copy.get({ name }) !== undefined || this.#clock.now() >= until) this.#coming.delete(name);
      else if (maySelect(set, labels)) return false;
    }
    return true;
  }
}

function maySelect({ spec }: SidecarSet, labels: Readonly<Record<string, string>>): boolean {
  const selector = spec.selector && compileSelectorOnce(spec.selector);
  return selector?.ok === true && selector.value.matches(labels);
}
