import type { Cluster } from "../src/cluster/cluster.ts";
import type { Environment } from "../src/cluster/environment.ts";
import type { InjectionCopies } from "../src/cluster/gatherInjection.ts";
import { RegistrationKeeper } from "../src/controller/registrationKeeper.ts";
import { Registrations } from "../src/controller/registrations.ts";
import type { InjectionRules } from "../src/core/injection/injection.ts";
import { type WebhookAddress, webhookConfigurations } from "../src/webhook/registration.ts";

export interface KeptRegistration {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly copies: Pick<InjectionCopies, "sidecarSets" | "switches">;
  readonly systemNamespace: string;
  readonly signal: AbortSignal;
  /** Left out: one that only webhooks in this process can be reached by. */
  readonly address?: WebhookAddress;
  readonly caBundle?: () => string;
  readonly rules?: InjectionRules;
  /** Where it is told; left out: somewhere new. */
  readonly registrations?: Registrations;
}

/** The keeper as the manager has it. Settles when the registration is stored; `refresh` is for a new `caBundle`. */
export async function keepRegistered(options: KeptRegistration): Promise<Registrations & { refresh(): void }> {
  const { address = { url: "https://inside" }, caBundle = () => "", rules = {}, copies, systemNamespace } = options;
  const { registrations = new Registrations(rules) } = options;
  const keeper = new RegistrationKeeper({
    ...options,
    ...copies,
    rules,
    registrations,
    configurations: (entries) => webhookConfigurations({ address, caBundle: caBundle(), systemNamespace, entries }),
  });
  await keeper.start();
  return Object.assign(registrations, { refresh: () => keeper.refresh() });
}
