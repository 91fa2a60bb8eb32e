/** A plan under way. */
interface Streamed {
  /** Settles when nothing more will be sent. */
  readonly sent: Promise<void>;
  /** Settles when all is answered, with what keeps the set from going on; undefined: nothing. */
  readonly trouble: Promise<unknown>;
}

/**
 * Lets the next plan of a set be made as soon as all writes of the last one have been sent, so that freed budget does not wait for the
 * slowest answer. What fails after that is told by the set's next run, which is asked for. As long as a set is in trouble its runs last
 * until everything is answered: one that fails again and again is tried at a slowing pace.
 */
export class StreamedPlans {
  readonly #runAgain: (sidecarSet: string) => void;
  /** Not told yet. */
  readonly #failed = new Map<string, unknown>();
  readonly #inTrouble = new Set<string>();

  constructor(runAgain: (sidecarSet: string) => void) {
    this.#runAgain = runAgain;
  }

  /** Throws what an earlier plan has failed with since the last run. */
  tellFailure(sidecarSet: string): void {
    const failure = this.#failed.get(sidecarSet);
    this.#failed.delete(sidecarSet);
    if (failure !== undefined) throw failure;
  }

  /** Settles when the next plan may be made. */
  async follow(sidecarSet: string, { sent, trouble }: Streamed): Promise<void> {
    if (this.#inTrouble.has(sidecarSet)) {
      const failure = await trouble;
      if (failure !== undefined) throw failure;
      this.#inTrouble.delete(sidecarSet);
      return;
    }
    void trouble.then((failure) => {
      if (failure === undefined) return;
      this.#inTrouble.add(sidecarSet);
      this.#failed.set(sidecarSet, failure);
      this.#runAgain(sidecarSet);
    });
    await sent;
  }

  forget(sidecarSet: string): void {
    this.#failed.delete(sidecarSet);
    this.#inTrouble.delete(sidecarSet);
  }
}
