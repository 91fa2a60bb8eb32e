import type { CertificateState, ServerNames } from "../../certificate/certificateState.ts";
import {
  type CertificateWait,
  type CertificateWrite,
  endOf,
  type Lifetimes,
  overlapOf,
  planCertificate,
} from "../../certificate/planCertificate.ts";
import { stateAfter } from "../../certificate/writeStep.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Environment } from "../../cluster/environment.ts";
import { reasonFields } from "./certificateReasons.ts";
import { findSecret, readSecret, type SecretName, textOfName, writeSecret } from "./certificateSecret.ts";
import { readRegisteredBundles } from "./registeredBundles.ts";
import type { SeenSecret } from "./seenSecret.ts";

export interface CertificateTurnOptions {
  readonly environment: Environment;
  readonly name: SecretName;
  readonly names: ServerNames;
  readonly lifetimes: Lifetimes;
  /** Is told what is stored, before and after a write. */
  readonly seen: SeenSecret;
  readonly onOverlapPassed?: () => void;
}

/** Timers of a day are as good as timers of a year, which Node does not have. */
const LONGEST_WAIT_MS = 86_400_000;

/** Reads what is stored, decides, writes at most once. Lives as long as one lead: it times the overlap. */
export class CertificateTurn {
  readonly #options: CertificateTurnOptions;
  #overlap: { readonly key: string; passed: boolean; readonly cancel: () => void } | undefined;
  /** What was waited for, and told, since the last write. */
  readonly #told = new Set<CertificateWait["for"]>();

  constructor(options: CertificateTurnOptions) {
    this.#options = options;
  }

  end(): void {
    this.#overlap?.cancel();
    this.#overlap = undefined;
  }

  /** @returns after how many milliseconds it is worth another turn, if nothing changes before */
  async take(cluster: Cluster): Promise<number> {
    const { environment, name, names, lifetimes, seen } = this.#options;
    const stored = await findSecret(cluster, name);
    seen.take(stored);
    const secret = readSecret(stored);
    const registered = await readRegisteredBundles(cluster);
    this.#timeOverlap(secret.ok ? overlapOf(secret.value, registered) : undefined);
    const now = environment.clock.now();
    const overlapPassed = this.#overlap?.passed ?? false;
    const known = seen.known && { known: seen.known };
    const step = planCertificate({ secret, registered, overlapPassed, names, ...known }, now, lifetimes);
    if (step.kind === "wait") return this.#wait(step, now);
    const state = await stateAfter(step, { names, lifetimes, now });
    seen.take(await writeSecret(cluster, name, { before: stored, state }));
    this.#told.clear();
    this.#tell(step, state);
    return 0;
  }

  /** By a timer: it runs on when the clock of this machine is set. */
  #timeOverlap(key: string | undefined): void {
    if (key === this.#overlap?.key) return;
    this.end();
    if (key === undefined) return;
    const { environment, lifetimes } = this.#options;
    const overlap = { key, passed: false, cancel: () => {} };
    overlap.cancel = environment.clock.after(lifetimes.overlapMs, () => {
      overlap.passed = true;
      this.#options.onOverlapPassed?.();
    });
    this.#overlap = overlap;
  }

  #wait(step: CertificateWait, now: number): number {
    if (!this.#told.has(step.for)) {
      this.#told.add(step.for);
      const until = new Date(step.until).toISOString();
      if (step.for === "renewal") this.#log("info", "the certificates are good until their renewal", { until });
      else this.#log("info", `the rotation waits for the ${step.for}`, reasonFields(step.for));
    }
    return Math.min(Math.max(0, step.until - now), LONGEST_WAIT_MS);
  }

  #tell(step: CertificateWrite, state: CertificateState): void {
    const because = "because" in step ? reasonFields(step.because) : {};
    const ends = {
      certificateEnds: dateOf(endOf(state.leaf)),
      authorityEnds: dateOf(endOf(state.next ?? state.authority)),
    };
    this.#log("info", MESSAGES[step.kind], { ...because, ...ends });
  }

  #log(level: "info", message: string, fields: object): void {
    const { environment, name } = this.#options;
    environment.log(level, message, { secret: textOfName(name), ...fields });
  }
}

const MESSAGES: Readonly<Record<CertificateWrite["kind"], string>> = {
  begin: "a new authority and its certificate are made",
  announce: "a new authority is announced beside the one that signs",
  renewLeaf: "a new certificate is made by the same authority",
  switch: "the announced authority has signed a new certificate",
  drop: "the authorities before are trusted no more",
};

function dateOf(ms: number): string {
  return new Date(ms).toISOString();
}
