import type { Cluster } from "./cluster.ts";
import { isClusterError } from "./clusterError.ts";
import { type Environment, sleep } from "./environment.ts";
import type { Leading } from "./leaderPart.ts";
import { claimability, claimed, type Lease, type ObservedLease, observed, released } from "./lease.ts";
import { LeaseTerm } from "./leaseTerm.ts";
import type { LeaseTiming } from "./leaseTiming.ts";
import { LEASES } from "./resource.ts";
import { withinTime } from "./withinTime.ts";

export interface LeadershipOptions {
  readonly cluster: Cluster;
  readonly environment: Environment;
  /** Milliseconds of a clock that nobody sets; every expiry is judged by it. */
  readonly monotonicMs: () => number;
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Unlike that of any other process, also of one that ran here before. */
  readonly identity: string;
  readonly timing: LeaseTiming;
  /** Begins the leader's work; settles when it has begun. */
  readonly lead: (leading: Leading) => Promise<void>;
}

export type Role =
  | { readonly kind: "undecided" }
  | { readonly kind: "leading" }
  | { readonly kind: "following"; readonly holder: string };

/** Writes that are under way may take so long to finish; then the lease is not given back but left to expire. */
const FINISH_MS = 5_000;
const WATCH_SECONDS = 300;

/**
 * One of several processes leads: the one that holds the Lease. It leads until it has not renewed for the renew deadline, whatever the
 * reason; then its signal aborts, its fence refuses every further write, and it is a process like the others that may lead again.
 *
 * The Lease is looked at again and again; a watch only makes it faster when the holder gives it back.
 */
export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #stop = new AbortController();
  /** Settles when it is known who leads, and if it is us, when the work has begun. */
  readonly decided: Promise<void>;
  #decide: () => void = () => {};
  #role: Role = { kind: "undecided" };
  #observed: ObservedLease | undefined;
  /** What was observed may no longer be so: look before writing. */
  #mustLook = true;
  #term: LeaseTerm | undefined;
  #wake: () => void = () => {};
  #running: Promise<unknown> = Promise.resolve();
  #trouble: string | undefined;
  #roundMs: number;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#roundMs = options.monotonicMs();
    this.decided = new Promise((resolve) => {
      this.#decide = resolve;
    });
  }

  get role(): Role {
    return this.#role;
  }

  /** How long ago the Lease was looked at or renewed, whether it worked or not. */
  get quietMs(): number {
    return this.#options.monotonicMs() - this.#roundMs;
  }

  start(): void {
    this.#running = Promise.all([this.#contend(), this.#watchForRelease()]);
  }

  /** Leads no more; when all writes under way have finished, gives the Lease back, so that another can go on at once. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const term = this.#term;
    term?.end();
    this.#wake();
    await this.#running;
    this.#decide();
    await this.#giveBack(term);
  }

  async #contend(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const waitMs = await this.#round();
      this.#roundMs = this.#options.monotonicMs();
      if (!signal.aborted) await this.#pause(waitMs);
    }
  }

  /** @returns how long to wait for the next one */
  async #round(): Promise<number> {
    const { timing, environment } = this.#options;
    try {
      const heldForMs = await this.#claim();
      this.#trouble = undefined;
      // Spread, so that those who wait do not all come at once.
      if (heldForMs !== undefined) return Math.min(timing.retryMs * (1 + environment.random() / 5), heldForMs);
    } catch (error) {
      this.#tellTrouble(error);
    }
    return timing.retryMs;
  }

  /** @returns for how long it is held by another at most; undefined: we hold it, or it was just taken from under our hands */
  async #claim(): Promise<number | undefined> {
    const { identity, monotonicMs } = this.#options;
    if (this.#mustLook || !this.#term) await this.#look();
    const seen = this.#observed!;
    const claim = claimability(seen, identity, monotonicMs());
    if (claim.kind === "held") {
      this.#follow(claim.by);
      return claim.forMs;
    }
    const sentMs = monotonicMs();
    try {
      const lease = await this.#inTime("writing the Lease", this.#write(seen.lease));
      this.#observed = { lease, sinceMs: monotonicMs() };
      this.#hold(sentMs, lease);
    } catch (error) {
      this.#mustLook = true;
      if (!isClusterError(error, "conflict", "alreadyExists", "notFound")) throw error;
      // While we lead, who wrote it has to be known at once; otherwise somebody was faster.
      if (this.#term) return 0;
    }
    return undefined;
  }

  async #look(): Promise<void> {
    const { identity, monotonicMs } = this.#options;
    const lease = await this.#inTime("reading the Lease", this.#find());
    this.#observed = observed(this.#observed, lease, monotonicMs());
    this.#mustLook = false;
    const holder = lease?.spec?.holderIdentity ?? "";
    if (this.#term && holder !== "" && holder !== identity) this.#lose(`it is held by ${holder}`);
  }

  #find(): Promise<Lease | undefined> {
    return this.#options.cluster.get<Lease>(LEASES, this.#options.lease).catch((error: unknown) => {
      if (isClusterError(error, "notFound")) return undefined;
      throw error;
    });
  }

  #write(before: Lease | undefined): Promise<Lease> {
    const { cluster, environment, identity, lease, timing } = this.#options;
    const durationSeconds = timing.durationMs / 1000;
    const wanted = claimed(lease, before, { identity, durationSeconds, now: environment.clock.now() });
    return before ? cluster.update(LEASES, wanted) : cluster.create(LEASES, wanted, { namespace: lease.namespace });
  }

  /** @param sentMs when the write that made it ours was sent: the API server cannot have stored it earlier */
  #hold(sentMs: number, lease: Lease): void {
    const { cluster, environment, monotonicMs, timing } = this.#options;
    this.#term?.renewed(sentMs);
    if (this.#term || this.#stop.signal.aborted) return;
    const onExpiry = (): void => this.#lose(`it was not renewed for ${timing.renewDeadlineMs / 1000} s`);
    const term = new LeaseTerm({ cluster, clock: environment.clock, monotonicMs, timing, sentMs, onExpiry });
    this.#term = term;
    this.#role = { kind: "leading" };
    this.#tell("info", "leading", { transitions: lease.spec?.leaseTransitions });
    void this.#options.lead(term.leading).then(this.#decide, this.#decide);
  }

  #lose(why: string): void {
    const term = this.#term;
    this.#term = undefined;
    this.#role = { kind: "undecided" };
    this.#mustLook = true;
    term?.cut();
    if (term) this.#tell("warn", "the lease is lost", { why });
  }

  #follow(holder: string): void {
    const news = this.#role.kind !== "following" || this.#role.holder !== holder;
    this.#role = { kind: "following", holder };
    if (news) this.#tell("info", "following", { holder });
    this.#decide();
  }

  /** @param term absent: we were about to lead, perhaps */
  async #giveBack(term: LeaseTerm | undefined): Promise<void> {
    const { clock } = this.#options.environment;
    try {
      const answered =
        term && (await withinTime(term.idle(), FINISH_MS, { clock, what: "finishing the writes under way" }));
      if (answered === false) throw new Error("writes under way were not answered in time");
      await this.#release(this.#observed?.lease).catch(async (error: unknown) => {
        if (!isClusterError(error, "conflict")) throw error;
        await this.#look();
        await this.#release(this.#observed?.lease);
      });
    } catch (error) {
      this.#tell("warn", "the lease is not given back, it will expire", { error: messageOf(error) });
    }
  }

  async #release(lease: Lease | undefined): Promise<void> {
    const { cluster, environment, identity } = this.#options;
    if (lease?.spec?.holderIdentity !== identity) return;
    const left = released(lease, environment.clock.now());
    await this.#inTime("giving the Lease back", cluster.update(LEASES, left));
    this.#tell("info", "the lease is given back");
  }

  #pause(waitMs: number): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    return sleep(this.#options.environment.clock, waitMs, woken.signal);
  }

  /** Whoever misses something here finds out by looking. */
  async #watchForRelease(): Promise<void> {
    const { cluster, environment, lease, timing } = this.#options;
    const { signal } = this.#stop;
    const fieldSelector = `metadata.name=${lease.name}`;
    const options = { namespace: lease.namespace, fieldSelector, timeoutSeconds: WATCH_SECONDS, signal };
    while (!signal.aborted) {
      try {
        for await (const event of cluster.watch<Lease>(LEASES, options)) {
          if (event.type === "ADDED" || event.type === "MODIFIED") {
            if ((event.object.spec?.holderIdentity ?? "") === "") this.#wake();
          }
        }
      } catch (error) {
        this.#tell("debug", "the lease is not watched", { error: messageOf(error) });
      }
      await sleep(environment.clock, timing.retryMs, signal);
    }
  }

  #inTime<T>(what: string, answer: Promise<T>): Promise<T> {
    const { environment, timing } = this.#options;
    return withinTime(answer, timing.attemptMs, { clock: environment.clock, what });
  }

  /** Every few seconds the same would say nothing new. */
  #tellTrouble(error: unknown): void {
    const message = messageOf(error);
    if (message === this.#trouble || this.#stop.signal.aborted) return;
    this.#trouble = message;
    this.#tell("warn", "the lease cannot be had", { error: message });
  }

  #tell(level: "debug" | "info" | "warn", message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const { environment, identity, lease } = this.#options;
    environment.log(level, message, { lease: lease.name, identity, ...fields });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
