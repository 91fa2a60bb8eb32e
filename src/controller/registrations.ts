import type { InjectionRules } from "../core/injection/injection.ts";
import type { RegistrationPlan } from "../core/injection/registration/planRegistration.ts";
import {
  notRegistered,
  type RegistrationFinding,
  registeredSelection,
  registrationFinding,
  registrationStopped,
} from "../core/injection/registration/registrationFinding.ts";
import { oncePer } from "../core/oncePer.ts";
import { unreachable } from "../core/result.ts";
import type { SidecarSet } from "../core/sidecarSet/sidecarSet.ts";
import type { Stop } from "../core/sidecarSet/stopSwitches.ts";

/** What became of the registration. */
export type RegistrationState =
  | { readonly kind: "stored"; readonly plan: RegistrationPlan; readonly sidecarSets: readonly SidecarSet[] }
  | { readonly kind: "failed"; readonly error: string }
  | { readonly kind: "stopped"; readonly stop: Stop };

interface Registered {
  readonly selection: string;
  readonly finding: RegistrationFinding;
}

/** What is known of each SidecarSet's registration, between who writes it and who tells it. */
export class Registrations {
  /** Asked at every plan. */
  readonly #selection: (set: SidecarSet) => string;
  readonly #listeners = new Set<(names: readonly string[]) => void>();
  #stored: ReadonlyMap<string, Registered> = new Map();
  #failsClosed = false;
  /** What is said of every set, or of those that are not in what is stored. */
  #stopped: RegistrationFinding | undefined;
  #failed: RegistrationFinding | undefined;

  constructor(rules: InjectionRules) {
    this.#selection = oncePer((set) => registeredSelection(set, rules));
  }

  /** Undefined: nothing is known yet about what the set selects now. */
  of(set: SidecarSet): RegistrationFinding | undefined {
    if (this.#stopped) return this.#stopped;
    const registered = this.#stored.get(set.name);
    if (registered?.selection === this.#selection(set)) return registered.finding;
    return this.#failed;
  }

  /** Whether pods are refused while nobody answers. */
  get failsClosed(): boolean {
    return this.#failsClosed;
  }

  /** Called with the names of those about which something else is to be said. */
  subscribe(listener: (names: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  is(state: RegistrationState, all: readonly SidecarSet[]): void {
    const before = new Map(all.map((set) => [set.name, this.#textOf(set)]));
    this.#enter(state);
    const changed = all.filter((set) => this.#textOf(set) !== before.get(set.name)).map(({ name }) => name);
    if (changed.length > 0) for (const listener of this.#listeners) listener(changed);
  }

  #enter(state: RegistrationState): void {
    this.#stopped = state.kind === "stopped" ? registrationStopped(state.stop) : undefined;
    this.#failed = state.kind === "failed" ? notRegistered(state.error) : undefined;
    switch (state.kind) {
      case "stored": {
        const { plan, sidecarSets } = state;
        this.#failsClosed = plan.entries.some(({ failurePolicy }) => failurePolicy === "Fail");
        this.#stored = new Map(
          sidecarSets.map((set) => [
            set.name,
            { selection: this.#selection(set), finding: registrationFinding(plan, set) },
          ]),
        );
        return;
      }
      case "stopped":
        this.#stored = new Map();
        this.#failsClosed = false;
        return;
      case "failed":
        return;
      default:
        unreachable(state);
    }
  }

  #textOf(set: SidecarSet): string {
    return JSON.stringify(this.of(set) ?? null);
  }
}
