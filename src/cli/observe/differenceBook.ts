import type { Environment } from "../../cluster/environment.ts";
import { differenceKey, type ShadowDifference, type ShadowKind } from "../../core/migration/shadowDifference.ts";

/** Every difference there is at the moment, and how many there have been; each is logged once, when it is first seen. */
export class DifferenceBook {
  readonly #environment: Environment;
  readonly #standing = new Map<string, readonly ShadowDifference[]>();
  readonly #told = new Set<string>();
  readonly #seen = new Map<ShadowKind, number>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** What is known now from one place, a pod or a SidecarSet: what is not among it any more has gone. */
  replace(place: string, differences: readonly ShadowDifference[]): void {
    if (differences.length === 0) this.#standing.delete(place);
    else this.#standing.set(place, differences);
    for (const difference of differences) this.#tell(difference);
  }

  /** Of something that has happened and cannot go away again. */
  add(difference: ShadowDifference): void {
    const place = `event/${differenceKey(difference)}`;
    this.replace(place, [difference]);
  }

  *all(): Iterable<ShadowDifference> {
    for (const differences of this.#standing.values()) yield* differences;
  }

  /** Since the beginning, those included that have gone. */
  get seen(): ReadonlyMap<ShadowKind, number> {
    return this.#seen;
  }

  #tell(difference: ShadowDifference): void {
    const key = differenceKey(difference);
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#seen.set(difference.kind, (this.#seen.get(difference.kind) ?? 0) + 1);
    const { kind, sidecarSet: sidecarset, pod, about, code: reason, theirs, ours } = difference;
    const fields = { kind, sidecarset, pod: pod || undefined, about: about || undefined, reason: reason || undefined };
    this.#environment.log("warn", "we would do otherwise than OpenKruise", { ...fields, theirs, ours });
  }
}
