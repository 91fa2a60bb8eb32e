import { parse } from "yaml";
import { MUTATING_WEBHOOKS } from "../../cluster/resource.ts";
import { injectionRules } from "../../core/injection/injectionRules.ts";
import { planRegistration } from "../../core/injection/registration/planRegistration.ts";
import { isJsonObject, type JsonObject } from "../../core/kube/object.ts";
import { closedGate } from "../../core/migration/closedGate.ts";
import { OPENKRUISE } from "../../core/migration/openKruise.ts";
import { parseSidecarSet } from "../../core/sidecarSet/parseSidecarSet.ts";
import { CONFIGURATION_NAMES } from "../../webhook/registration.ts";
import { packageFile } from "../packageFile.ts";
import { LEASE_NAME } from "../run/leader.ts";
import { keepInstallation, keptInstallation } from "./keptInstallation.ts";
import { livingHolder } from "./livingHolder.ts";
import { type Move, until } from "./move.ts";
import { endManager, releaseLease, writeDefinition, writeWebhooks } from "./openKruiseSteps.ts";
import { failClosed } from "./ourInstallation.ts";
import { found, type MigrationReading } from "./readMigration.ts";

/** What will happen, in its order, for whoever is asked. */
export function takeOverPlan({ systemNamespace, manager }: MigrationReading): readonly string[] {
  return [
    `OpenKruise's SidecarSet controller has no switch of its own: its manager (Deployment ${systemNamespace}/${OPENKRUISE.deployment}, ${manager?.replicas ?? 0} replicas) goes to 0, and with it everything else that OpenKruise does`,
    `its ${OPENKRUISE.validating} is emptied; its entry for new pods refuses only those that SidecarSets select, until our manager has registered, and goes then`,
    "the definition of SidecarSets becomes ours: the same objects, no conversion webhook",
    "our manager, which waits, begins; pods that cannot be injected are refused, as OpenKruise has it",
    "no pod is restarted and no SidecarSet is written; the way back is: sidecarset migrate --give-back",
  ];
}

/**
 * The order matters. OpenKruise's manager goes first: it restores its webhooks when somebody changes them, and would read SidecarSets by
 * our definition as selecting other pods. Its entry for new pods stays, for those that SidecarSets select, until ours is there: a pod that is refused is
 * created again in a moment, one that starts without its sidecars stays so.
 */
export async function takeOver(move: Move, reading: MigrationReading): Promise<void> {
  const { cluster, systemNamespace } = move;
  await keepInstallation(move, reading);
  if (reading.deployment) await endManager(move, OPENKRUISE.deployment);
  await writeWebhooks(move, "validating", []);
  await writeWebhooks(move, "mutating", await gateOf(move, reading));
  move.say("OpenKruise's manager is at 0; new pods that SidecarSets select wait for ours, all others pass");
  await releaseLease(move);
  if (reading.definition) await writeDefinition(move, reading.definition, ourDefinition());
  move.say("the definition of SidecarSets is ours");
  await failClosed(move);
  if (!move.dryRun) {
    const lease = { namespace: systemNamespace, name: LEASE_NAME };
    const holder = await until(
      move,
      async () => {
        const registered = await found(cluster, MUTATING_WEBHOOKS, { name: CONFIGURATION_NAMES.mutating });
        return registered && livingHolder({ cluster, clock: move.clock, lease });
      },
      "our manager has not registered: start it (sidecarset run), then run this again. Until then new pods that SidecarSets select are refused; the way back is: sidecarset migrate --give-back",
    );
    move.say(`our manager leads (${holder}) and has registered`);
  }
  await writeWebhooks(move, "mutating", []);
  move.say("OpenKruise's webhooks are gone");
}

/** From what was kept first: what stands there now may be a gate already. */
async function gateOf(move: Move, reading: MigrationReading): Promise<readonly JsonObject[]> {
  const theirs = (await keptInstallation(move))?.mutating ?? reading.mutating?.webhooks ?? [];
  const sidecarSets = reading.sidecarSets.flatMap((raw) => {
    const set = parseSidecarSet(raw);
    return set.ok ? [set.value] : [];
  });
  const { systemNamespace, excludedNamespaces } = reading;
  const rules = injectionRules({ systemNamespace, excludedNamespaces, defaultFailurePolicy: "Fail" });
  return closedGate(theirs, planRegistration({ ...rules, sidecarSets }).entries);
}

function ourDefinition(): JsonObject {
  const { spec } = parse(packageFile("deploy/crd.yaml")) as { readonly spec?: unknown };
  if (!isJsonObject(spec)) throw new Error("deploy/crd.yaml of the package has no spec");
  return { ...spec, conversion: { strategy: "None" } };
}
