import { X509Certificate } from "node:crypto";
import type { KeyPair } from "../../src/certificate/authority.ts";
import {
  certificateData,
  type Damage,
  readCertificateData,
  type SecretData,
} from "../../src/certificate/certificateData.ts";
import { type CertificateState, trustedBy } from "../../src/certificate/certificateState.ts";
import { chooseServed, isTrusted } from "../../src/certificate/chooseServed.ts";
import { type CertificateStep, overlapOf, planCertificate } from "../../src/certificate/planCertificate.ts";
import { stateAfter } from "../../src/certificate/writeStep.ts";
import { err, type Result } from "../../src/core/result.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const OVERLAP_MS = HOUR_MS;
/** How far behind a replica may be. */
const LAG_MS = OVERLAP_MS - 1;
const LIFETIMES = { authorityMs: 90 * DAY_MS, leafMs: 30 * DAY_MS, overlapMs: OVERLAP_MS };
const NAMES = { dnsNames: ["webhook.system.svc"], ipAddresses: [] };

export const MOVES = [
  "time",
  "time",
  "time",
  "time",
  "plan",
  "plan",
  "plan",
  "write",
  "write",
  "write",
  "readRegistration",
  "readRegistration",
  "writeRegistration",
  "writeRegistration",
  "followSecret",
  "followSecret",
  "followRegistration",
  "followRegistration",
  "crash",
  "followApiServer",
  "restartReplica",
  "jump",
  "damage",
] as const;

/** What may happen to a world. */
export interface Weather {
  /** The longest jump of a clock: beyond 90 days an authority seems to have expired. */
  readonly jumpDays: number;
  readonly isSecretDamaged: boolean;
  /** API servers follow the registration late, as replicas do. */
  readonly areApiServersLate: boolean;
}

export interface Move {
  readonly kind: (typeof MOVES)[number];
  readonly who: number;
  /** Of a jump, a damage: in [0, 1]. */
  readonly amount: number;
  /** Milliseconds, for `time`. */
  readonly passes: number;
}

interface Stored<T> {
  readonly version: number;
  readonly value: T;
}

/** A process that leads, or believes that it does. */
interface Leader {
  clockAheadMs: number;
  known?: CertificateState;
  overlap?: { readonly key: string; readonly since: number };
  /** Decided on what has been read, and not written yet. */
  pending?: { readonly version: number; readonly step: CertificateStep; readonly now: number };
  pendingBundle?: { readonly version: number; readonly bundle: string };
}

interface Replica {
  served: KeyPair;
  /** Not ready yet: the registration that it sees has not taken its certificate since it started, so nobody calls it. */
  isStarting: boolean;
  /** What it sees, and since when it is due to see something newer. */
  secret: SecretData;
  secretStaleSince?: number | undefined;
  registered: string;
  registeredStaleSince?: number | undefined;
}

/** Calls the replicas by the registration that it has seen last. */
interface ApiServer {
  bundle: string;
  staleSince?: number | undefined;
}

/**
 * One Secret, one registration, two processes that both write, three replicas that follow late; the judge looks at X.509 alone. Reading and
 * writing are moves of their own, so that anything may happen between them.
 */
export class RotationWorld {
  /** Kinds of writes so far, `refused` among them. */
  readonly writes = new Set<string>();
  #time = Date.parse("2026-07-01T00:00:00Z");
  #secret: Stored<SecretData | undefined> = { version: 0, value: undefined };
  #registered: Stored<string> = { version: 0, value: "" };
  readonly #judged = new Map<string, Period>();
  readonly #readings = new WeakMap<SecretData, Result<CertificateState, Damage>>();
  readonly #leaders: Leader[] = [{ clockAheadMs: 0 }, { clockAheadMs: 0 }];
  #replicas: Replica[] = [];
  #apiServer: ApiServer = { bundle: "" };

  readonly #weather: Weather;

  private constructor(weather: Weather) {
    this.#weather = weather;
  }

  static async start(weather: Weather): Promise<RotationWorld> {
    const world = new RotationWorld(weather);
    const first = await stateAfter(
      { kind: "begin", because: "secretMissing", trusted: [] },
      { names: NAMES, lifetimes: LIFETIMES, now: world.#time },
    );
    const secret = certificateData(first);
    world.#secret = { version: 1, value: secret };
    world.#registered = { version: 1, value: trustedBy(first) };
    world.#apiServer = { bundle: trustedBy(first) };
    const replica = { served: first.leaf, isStarting: false, secret, registered: trustedBy(first) };
    world.#replicas = [0, 1, 2].map(() => ({ ...replica }));
    return world;
  }

  async play({ kind, who, amount, passes }: Move): Promise<void> {
    const leader = this.#leaders[who % 2]!;
    const replica = this.#replicas[who % 3]!;
    switch (kind) {
      case "time":
        this.#pass(passes);
        break;
      case "plan":
        this.#plan(leader);
        break;
      case "write":
        await this.#write(leader);
        break;
      case "readRegistration":
        this.#readRegistration(leader);
        break;
      case "writeRegistration":
        this.#writeRegistration(leader);
        break;
      case "followSecret":
        this.#followSecret(replica);
        break;
      case "followRegistration":
        this.#followRegistration(replica);
        break;
      case "crash":
        this.#leaders[who % 2] = { clockAheadMs: leader.clockAheadMs };
        break;
      case "restartReplica":
        this.#restart(replica);
        break;
      case "jump":
        leader.clockAheadMs = Math.round((amount * (this.#weather.jumpDays + 10) - 10) * DAY_MS);
        break;
      case "followApiServer":
        this.#followApiServer();
        break;
      case "damage":
        if (this.#weather.isSecretDamaged) this.#damage(amount);
        break;
    }
    this.#judge(kind);
  }

  /** Everybody gets their turn, with right clocks, until there is nothing to do but wait for a renewal. */
  async settle(): Promise<void> {
    for (const leader of this.#leaders) leader.clockAheadMs = 0;
    for (let turn = 0; turn < 40; turn += 1) {
      for (const kind of ["plan", "write", "readRegistration", "writeRegistration"] as const) {
        await this.play({ kind, who: 0, amount: 0, passes: 0 });
      }
      const step = this.#decide(this.#leaders[0]!);
      if (step.kind === "wait" && step.for === "renewal") return;
      await this.play({ kind: "time", who: 0, amount: 0, passes: OVERLAP_MS });
    }
    throw new Error("the rotation does not come to an end");
  }

  /** Nobody is farther behind than the lag that the overlap allows for. */
  #pass(ms: number): void {
    const end = this.#time + ms;
    for (;;) {
      const due = Math.min(...this.#replicas.flatMap(dueTimes), (this.#apiServer.staleSince ?? Infinity) + LAG_MS);
      if (due > end) break;
      this.#time = due;
      for (const replica of this.#replicas) {
        if ((replica.secretStaleSince ?? Infinity) + LAG_MS <= due) this.#followSecret(replica);
        if ((replica.registeredStaleSince ?? Infinity) + LAG_MS <= due) this.#followRegistration(replica);
        this.#judge("following at last");
      }
      if ((this.#apiServer.staleSince ?? Infinity) + LAG_MS <= due) this.#followApiServer();
      this.#judge("following at last");
    }
    this.#time = end;
  }

  #plan(leader: Leader): void {
    leader.pending = {
      version: this.#secret.version,
      step: this.#decide(leader),
      now: this.#time + leader.clockAheadMs,
    };
  }

  #decide(leader: Leader): CertificateStep {
    const secret = this.#read();
    const registered = [this.#registered.value];
    if (secret.ok) leader.known = secret.value;
    const key = secret.ok ? overlapOf(secret.value, registered) : undefined;
    if (key !== leader.overlap?.key) {
      if (key === undefined) delete leader.overlap;
      else leader.overlap = { key, since: this.#time };
    }
    const overlapPassed = leader.overlap !== undefined && this.#time - leader.overlap.since >= OVERLAP_MS;
    const situation = { secret, registered, overlapPassed, names: NAMES, ...(leader.known && { known: leader.known }) };
    return planCertificate(situation, this.#time + leader.clockAheadMs, LIFETIMES);
  }

  async #write(leader: Leader): Promise<void> {
    const { pending } = leader;
    delete leader.pending;
    if (pending === undefined || pending.step.kind === "wait") return;
    const state = await stateAfter(pending.step, { names: NAMES, lifetimes: LIFETIMES, now: pending.now });
    if (pending.version !== this.#secret.version) return void this.writes.add("refused");
    this.writes.add(pending.step.kind);
    this.#storeSecret(certificateData(state));
    leader.known = state;
  }

  /** As the Lease has it for one writer: what was read before somebody else wrote is not written. */
  #readRegistration(leader: Leader): void {
    const { version } = this.#registered;
    const secret = this.#read();
    if (secret.ok) leader.pendingBundle = { version, bundle: trustedBy(secret.value) };
  }

  #writeRegistration(leader: Leader): void {
    const { pendingBundle } = leader;
    delete leader.pendingBundle;
    if (pendingBundle === undefined || pendingBundle.bundle === this.#registered.value) return;
    if (pendingBundle.version !== this.#registered.version) return void this.writes.add("refused");
    this.#registered = { version: this.#registered.version + 1, value: pendingBundle.bundle };
    for (const replica of this.#replicas) replica.registeredStaleSince ??= this.#time;
    this.#apiServer.staleSince ??= this.#time;
    if (!this.#weather.areApiServersLate) this.#followApiServer();
  }

  #followApiServer(): void {
    this.#apiServer = { bundle: this.#registered.value };
  }

  #followSecret(replica: Replica): void {
    replica.secret = this.#secret.value ?? {};
    replica.secretStaleSince = undefined;
    this.#choose(replica);
  }

  #followRegistration(replica: Replica): void {
    replica.registered = this.#registered.value;
    replica.registeredStaleSince = undefined;
    this.#choose(replica);
  }

  /** Starts with what is stored now, when that can be served at all. */
  #restart(replica: Replica): void {
    const secret = this.#read();
    if (!secret.ok) return;
    replica.served = secret.value.leaf;
    replica.isStarting = true;
    this.#followRegistration(replica);
    this.#followSecret(replica);
  }

  #damage(amount: number): void {
    const data = this.#secret.value ?? {};
    const keys = Object.keys(data);
    const key = keys[Math.floor(amount * keys.length * 0.999)];
    if (amount < 0.4 || key === undefined) this.#storeSecret(undefined);
    else if (amount < 0.7) this.#storeSecret(Object.fromEntries(Object.entries(data).filter(([name]) => name !== key)));
    else this.#storeSecret({ ...data, [key]: Buffer.from("garbage").toString("base64") });
  }

  #read(data: SecretData | undefined = this.#secret.value): Result<CertificateState, Damage> {
    if (data === undefined) return err({ reason: "secretMissing", message: "there is none" });
    const reading = this.#readings.get(data) ?? readCertificateData(data);
    this.#readings.set(data, reading);
    return reading;
  }

  #storeSecret(value: SecretData | undefined): void {
    this.#secret = { version: this.#secret.version + 1, value };
    for (const replica of this.#replicas) replica.secretStaleSince ??= this.#time;
  }

  #judge(after: string): void {
    for (const [index, { served, isStarting }] of this.#replicas.entries()) {
      for (const bundle of [this.#registered.value, this.#apiServer.bundle]) {
        const [from, to] = this.#taken(served, bundle);
        if (isStarting || (from <= this.#time && this.#time < to)) continue;
        throw new Error(`replica ${index} is refused after ${after}`);
      }
    }
  }

  #taken({ certificate }: KeyPair, bundle: string): Period {
    const key = certificate + bundle;
    const period = this.#judged.get(key) ?? periodTaken(new X509Certificate(certificate), bundle);
    this.#judged.set(key, period);
    return period;
  }

  #choose(replica: Replica): void {
    const secret = this.#read(replica.secret);
    if (!secret.ok) return;
    replica.served = chooseServed({ served: replica.served, offered: secret.value.leaf }, [replica.registered]);
    if (isTrusted(replica.served, [replica.registered])) replica.isStarting = false;
  }
}

type Period = readonly [from: number, to: number];

/** When somebody who trusts the bundle takes the certificate. */
function periodTaken(leaf: X509Certificate, bundle: string): Period {
  const authorities = (bundle.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );
  const issuer = authorities.find((one) => leaf.checkIssued(one) && leaf.verify(one.publicKey));
  if (issuer === undefined) return [Infinity, Infinity];
  const both = [leaf, issuer];
  return [
    Math.max(...both.map(({ validFrom }) => Date.parse(validFrom))),
    Math.min(...both.map(({ validTo }) => Date.parse(validTo))),
  ];
}

function dueTimes({ secretStaleSince, registeredStaleSince }: Replica): number[] {
  return [secretStaleSince, registeredStaleSince].flatMap((since) => (since === undefined ? [] : [since + LAG_MS]));
}
