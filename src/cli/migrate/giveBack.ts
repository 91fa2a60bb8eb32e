import { isClusterError } from "../../cluster/clusterError.ts";
import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  MUTATING_WEBHOOKS,
  type ResourceType,
  SIDECAR_SETS,
  VALIDATING_WEBHOOKS,
} from "../../cluster/resource.ts";
import type { WebhookConfiguration } from "../../cluster/webhookConfiguration.ts";
import type { JsonObject, KubeObject } from "../../core/kube/object.ts";
import { openGates } from "../../core/migration/closedGate.ts";
import { givenBack } from "../../core/migration/givenBack.ts";
import { type MigrationFinding, migrationFinding } from "../../core/migration/migrationFinding.ts";
import { OPENKRUISE } from "../../core/migration/openKruise.ts";
import type { SidecarSetVersion } from "../../core/sidecarSet/convertSidecarSet.ts";
import { KEPT, type KeptInstallation } from "./keptInstallation.ts";
import type { Move } from "./move.ts";
import { startManagerAgain, writeDefinition, writeWebhooks } from "./openKruiseSteps.ts";
import { endOurManager, removeOurRegistration } from "./ourInstallation.ts";
import { type Definition, found, type MigrationReading } from "./readMigration.ts";

/** What giving back does to every stored SidecarSet. */
export interface GivingBack {
  readonly objects: readonly { readonly name: string; readonly object: JsonObject }[];
  readonly findings: readonly MigrationFinding[];
}

/** @param kept by its definition OpenKruise reads the objects: of before 1.9 it has v1alpha1 alone */
export function givingBack({ sidecarSets }: MigrationReading, kept: KeptInstallation): GivingBack {
  const given = sidecarSets.map((raw) => {
    const name = String((raw.metadata as JsonObject | undefined)?.name ?? "");
    const result = givenBack(raw, storedVersionOf(kept));
    if (result.ok) return { name, ...result.value };
    const problems = result.error.map(({ field, detail }) => `${field}: ${detail}`).join("; ");
    return { name, object: undefined, findings: [migrationFinding("unreadableSidecarSet", name, problems)] };
  });
  return {
    objects: given.flatMap(({ name, object }) => (object ? [{ name, object }] : [])),
    findings: given.flatMap(({ findings }) => findings),
  };
}

/** Asks about every write that {@link giveBack} makes to a SidecarSet, so that it does not come to a stop half way. */
export async function refusedRewrites(
  { cluster }: Move,
  kept: KeptInstallation,
  { objects }: GivingBack,
): Promise<readonly MigrationFinding[]> {
  const type: ResourceType = { ...SIDECAR_SETS, version: storedVersionOf(kept) };
  const refused: MigrationFinding[] = [];
  for (const { name, object } of objects) {
    try {
      await cluster.update(type, object as unknown as KubeObject, { dryRun: true });
    } catch (error) {
      if (!isClusterError(error, "invalid", "forbidden", "badRequest")) throw error;
      refused.push(migrationFinding("rewriteRefused", name, error.message));
    }
  }
  return refused;
}

export function giveBackPlan({ systemNamespace }: Move, { replicas }: KeptInstallation): readonly string[] {
  return [
    "SidecarSets are rewritten to OpenKruise's form, as told above; their hashes and revisions stay",
    "our manager ends; its webhook stays registered and refuses the pods that SidecarSets select, until OpenKruise's is there",
    "the definition of SidecarSets becomes OpenKruise's again: fields that it does not know are gone then",
    `OpenKruise's manager (Deployment ${systemNamespace}/${OPENKRUISE.deployment}) goes to ${replicas} replicas, its webhooks come back, and ours go`,
    "no pod is restarted; the way here again is: sidecarset migrate --take-over",
  ];
}

/**
 * The order matters. Objects are rewritten while our manager still judges them; from its end on its webhook refuses the pods that SidecarSets select;
 * OpenKruise's webhooks come back so that they refuse nothing before their manager answers.
 */
export async function giveBack(move: Move, reading: MigrationReading, kept: KeptInstallation): Promise<void> {
  const { cluster, dryRun, systemNamespace: namespace } = move;
  const version = storedVersionOf(kept);
  if (version !== SIDECAR_SETS.version && !dryRun) await storeAs(move, version);
  const type: ResourceType = { ...SIDECAR_SETS, version };
  const { objects } = givingBack(reading, kept);
  for (const { name, object } of objects) {
    await cluster.update(type, object as unknown as KubeObject, { dryRun, fieldManager: "sidecarset" });
    move.say(`sidecarset/${name} rewritten`);
  }
  await endOurManager(move);
  move.say("our manager has ended; its webhook refuses the pods that SidecarSets select until OpenKruise's is there");
  for (const which of ["mutating", "validating"] as const) await writeWebhooks(move, which, openGates(kept[which]));
  await writeTheirDefinition(move, kept, version);
  await startManagerAgain(move, OPENKRUISE.deployment, kept.replicas);
  for (const which of ["mutating", "validating"] as const)
    await writeWebhooks(move, which, await asKept(move, which, kept));
  move.say(`OpenKruise's manager is at ${kept.replicas} again, with its webhooks and its definition of SidecarSets`);
  await removeOurRegistration(move);
  if (!dryRun) await cluster.delete(CONFIG_MAPS, { namespace, name: KEPT });
  move.say("our webhooks are gone");
}

function storedVersionOf({ definition }: KeptInstallation): SidecarSetVersion {
  return definition.versions.find(({ storage }) => storage)?.name === "v1alpha1" ? "v1alpha1" : "v1beta1";
}

/** What is written from now on is stored in that version; OpenKruise's definition may not know the other one. */
async function storeAs(move: Move, version: SidecarSetVersion): Promise<void> {
  const definition = await theDefinition(move);
  const versions = definition.spec.versions.map((each) => ({ ...each, storage: each.name === version }));
  await writeDefinition(move, definition, { ...definition.spec, versions } as unknown as JsonObject);
}

async function writeTheirDefinition(move: Move, kept: KeptInstallation, version: SidecarSetVersion): Promise<void> {
  const { cluster, dryRun } = move;
  if (version !== SIDECAR_SETS.version && !dryRun) {
    const patch = { status: { storedVersions: [version] } };
    const name = { name: (await theDefinition(move)).metadata.name ?? "" };
    await cluster.patch(CUSTOM_RESOURCE_DEFINITIONS, name, { type: "merge", patch }, { subresource: "status" });
  }
  await writeDefinition(move, await theDefinition(move), kept.definition as unknown as JsonObject);
}

async function theDefinition({ cluster }: Move): Promise<Definition> {
  const name = `${SIDECAR_SETS.plural}.${SIDECAR_SETS.group}`;
  return cluster.get<Definition>(CUSTOM_RESOURCE_DEFINITIONS, { name });
}

/** Their manager may have renewed its certificates since; then what it has registered stays, but for the policy that was opened. */
async function asKept(
  move: Move,
  which: "mutating" | "validating",
  kept: KeptInstallation,
): Promise<readonly JsonObject[]> {
  const type = which === "mutating" ? MUTATING_WEBHOOKS : VALIDATING_WEBHOOKS;
  const present = (await found<WebhookConfiguration>(move.cluster, type, { name: OPENKRUISE[which] }))?.webhooks ?? [];
  return kept[which].map((webhook) => {
    const now = present.find(({ name }) => name === webhook.name) ?? webhook;
    const { failurePolicy = "Fail" } = webhook;
    return { ...now, failurePolicy };
  });
}
