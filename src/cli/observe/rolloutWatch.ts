import type { Clock } from "../../cluster/environment.ts";
import type { RolloutBooks } from "../../controller/rolloutBooks.ts";
import type { Labels } from "../../core/kube/labelSelector.ts";
import type { ControllerRevision } from "../../core/kube/object.ts";
import { countersDifferences } from "../../core/migration/countersDifference.ts";
import { type ShadowDifference, shadowDifference } from "../../core/migration/shadowDifference.ts";
import { upgradeDifference } from "../../core/migration/upgradeDifference.ts";
import { type PodName, type PodRecord, podKey } from "../../core/pod/podRecord.ts";
import type { SidecarSet } from "../../core/sidecarSet/sidecarSet.ts";
import type { DifferenceBook } from "./differenceBook.ts";

/** OpenKruise takes a round every few seconds: what differs for so long is no matter of being late. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 5_000;

export interface RolloutWatchOptions {
  readonly books: RolloutBooks;
  readonly clock: Clock;
  readonly differences: DifferenceBook;
  readonly revisionsOf: (sidecarSet: string) => readonly ControllerRevision[];
}

/** The rollouts that OpenKruise makes, beside the books that our controller would keep. */
export class RolloutWatch {
  upgrades = 0;
  readonly #options: RolloutWatchOptions;
  /** Since when each of what would be a difference has stood. */
  readonly #since = new Map<string, number>();

  constructor(options: RolloutWatchOptions) {
    this.#options = options;
  }

  run(signal: AbortSignal): void {
    const again = (): void => {
      if (signal.aborted) return;
      this.look();
      const cancel = this.#options.clock.after(LOOK_MS, again);
      signal.addEventListener("abort", cancel, { once: true });
    };
    again();
  }

  setChanged(set: SidecarSet): void {
    this.#options.books.setChanged(set);
  }

  setGone(name: string): void {
    this.#options.books.setGone(name);
    this.#options.differences.replace(`rollout/${name}`, []);
  }

  podGone(pod: PodName): void {
    this.#options.books.podGone(pod);
  }

  /** @param upgraded SidecarSets that the pod has got another revision of; judged before the books know */
  podChanged(pod: PodRecord, namespaceLabels: Labels | undefined, upgraded: readonly string[]): void {
    for (const name of upgraded) this.#judgeUpgrade(name, pod);
    this.#options.books.podChanged(pod, namespaceLabels);
  }

  /** What has stood for longer than OpenKruise may take. */
  look(): void {
    const { books, clock, differences } = this.#options;
    const standing = new Set<string>();
    for (const name of books.names()) {
      const late = [...this.#notUpgraded(name), ...this.#counters(name)].filter((difference) => {
        const key = JSON.stringify([difference.kind, name, difference.pod, difference.about]);
        standing.add(key);
        const since = this.#since.get(key) ?? clock.now();
        this.#since.set(key, since);
        return clock.now() - since >= PATIENCE_MS;
      });
      differences.replace(`rollout/${name}`, late);
    }
    for (const key of this.#since.keys()) if (!standing.has(key)) this.#since.delete(key);
  }

  #judgeUpgrade(name: string, pod: PodRecord): void {
    const { books, clock, differences } = this.#options;
    const book = books.get(name);
    if (!book) return;
    this.upgrades += 1;
    const verdict = book.verdicts(clock.now()).get(podKey(pod));
    const difference = upgradeDifference({ sidecarSet: name, pod, verdict, due: this.#due(name).length });
    if (difference) differences.add(difference);
  }

  #due(name: string): readonly PodName[] {
    const { books, clock, revisionsOf } = this.#options;
    const plan = books.get(name)?.plan({ revisions: revisionsOf(name), collisionCount: 0, now: clock.now() });
    return (plan?.actions ?? []).flatMap((action) => (action.kind === "upgradePod" ? [action.pod] : []));
  }

  #notUpgraded(name: string): readonly ShadowDifference[] {
    return this.#due(name).map((pod) =>
      shadowDifference("notUpgraded", name, { pod, theirs: "left", ours: "upgrade" }),
    );
  }

  #counters(name: string): readonly ShadowDifference[] {
    const book = this.#options.books.get(name);
    return book ? countersDifferences(book.set, book.counters) : [];
  }
}
