import type { RolloutCopies } from "../../cluster/gatherSnapshot.ts";
import type { LeaderPart } from "../../cluster/leaderPart.ts";
import { podsCaughtUp } from "../../cluster/podsCaughtUp.ts";
import { RegistrationKeeper } from "../../controller/registrationKeeper.ts";
import type { Registrations } from "../../controller/registrations.ts";
import type { SelfTest } from "../../controller/selfTest.ts";
import { SidecarSetController } from "../../controller/sidecarSetController.ts";
import type { Certificates } from "../../webhook/certificates/certificates.ts";
import { type WebhookAddress, webhookConfigurations } from "../../webhook/registration.ts";
import type { ManagerContext } from "./managerContext.ts";
import type { ManagerMetrics } from "./metrics/managerMetrics.ts";

/** Keeps the pods on their way to the newest revision. @param metrics absent: nobody counts */
export function controllerPart(
  context: ManagerContext,
  registrations: Registrations,
  metrics?: ManagerMetrics,
): LeaderPart {
  const { copies, environment, systemNamespace, rules } = context;
  const common = { copies, environment, systemNamespace, registrations, excludedNamespaces: rules.excludedNamespaces };
  return {
    name: "controller",
    async start(leading) {
      await Promise.all([copies.pods.synced, copies.sidecarSets.synced]);
      const { clock } = environment;
      if (isAnySet(copies)) await podsCaughtUp(copies.pods, { ...leading, clock });
      if (leading.signal.aborted) return;
      const observer = metrics?.observer();
      const controller = new SidecarSetController({ ...leading, ...common, observer });
      metrics?.follow(controller, leading.signal);
      await controller.start();
    },
  };
}

export interface RegistrationParts {
  /** Settles when the webhook listens there. */
  readonly address: Promise<WebhookAddress>;
  readonly certificates: Certificates;
  /** Absent: we register the authority ourselves. */
  readonly injectCaFrom: string | undefined;
  readonly registrations: Registrations;
  readonly selfTest: SelfTest;
}

/** Tells the API server which pods to send to the webhook, follows SidecarSets and certificates, and proves that the webhook is reached. */
export function registrationPart(context: ManagerContext, parts: RegistrationParts): LeaderPart {
  const { certificates, injectCaFrom, registrations, selfTest } = parts;
  const { copies, environment, systemNamespace, rules } = context;
  return {
    name: "registration",
    async start(leading) {
      const address = await parts.address;
      const first = await certificates.first;
      const keeper = new RegistrationKeeper({
        ...leading,
        environment,
        sidecarSets: copies.sidecarSets,
        switches: copies.switches,
        rules,
        registrations,
        configurations: (entries) => {
          const { authority } = certificates.current() ?? first;
          return webhookConfigurations({ address, caBundle: authority, injectCaFrom, systemNamespace, entries });
        },
      });
      await keeper.start();
      if (leading.signal.aborted) return;
      const unsubscribe = certificates.subscribe(() => keeper.refresh());
      leading.signal.addEventListener("abort", unsubscribe, { once: true });
      void selfTest.run({ ...leading, environment, namespace: systemNamespace });
    },
  };
}

function isAnySet({ sidecarSets }: RolloutCopies): boolean {
  return !sidecarSets.values()[Symbol.iterator]().next().done;
}
