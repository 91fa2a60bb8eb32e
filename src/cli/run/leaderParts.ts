import type { RolloutCopies } from "../../cluster/gatherSnapshot.ts";
import type { LeaderPart } from "../../cluster/leaderPart.ts";
import { podsCaughtUp } from "../../cluster/podsCaughtUp.ts";
import { SidecarSetController } from "../../controller/sidecarSetController.ts";
import { register, type WebhookAddress } from "../../webhook/registration.ts";
import type { Certificates } from "./certificates.ts";
import type { ManagerContext } from "./managerContext.ts";

/** Keeps the pods on their way to the newest revision. */
export function controllerPart({ copies, environment, systemNamespace, rules }: ManagerContext): LeaderPart {
  const { excludedNamespaces } = rules;
  return {
    name: "controller",
    async start(leading) {
      await Promise.all([copies.pods.synced, copies.sidecarSets.synced]);
      const { clock } = environment;
      if (isAnySet(copies)) await podsCaughtUp(copies.pods, { ...leading, clock });
      if (leading.signal.aborted) return;
      await new SidecarSetController({ ...leading, copies, environment, systemNamespace, excludedNamespaces }).start();
    },
  };
}

/** Tells the API server where the webhook is. */
export function registrationPart(
  { rules }: ManagerContext,
  address: WebhookAddress,
  certificates: Certificates,
): LeaderPart {
  return {
    name: "registration",
    async start({ cluster }) {
      const { authority } = await certificates.first;
      await register(cluster, { address, caBundle: authority, rules });
    },
  };
}

function isAnySet({ sidecarSets }: RolloutCopies): boolean {
  return !sidecarSets.values()[Symbol.iterator]().next().done;
}
