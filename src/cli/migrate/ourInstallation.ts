import { isClusterError } from "../../cluster/clusterError.ts";
import { DEPLOYMENTS } from "../../cluster/resource.ts";
import { CONFIGURATION_TYPES, removeConfiguration } from "../../cluster/webhookConfiguration.ts";
import type { ManagerDeployment } from "../../core/migration/managerInstallation.ts";
import { CONFIGURATION_NAMES } from "../../webhook/registration.ts";
import { LEASE_NAME } from "../run/leader.ts";
import { livingHolder } from "./livingHolder.ts";
import { type Move, until } from "./move.ts";
import { endManager } from "./openKruiseSteps.ts";
import { found } from "./readMigration.ts";

/** Name of our Deployment, as the chart and the manifests have it. A manager may also run elsewhere, where only its Lease tells of it. */
const DEPLOYMENT = "sidecarset-manager";
const IGNORE = /^(--default-failure-policy)=Ignore$/;

/** The installation refuses pods that it cannot inject; a SidecarSet's own policy wins. */
export async function failClosed(move: Move): Promise<void> {
  const { cluster, systemNamespace: namespace, dryRun } = move;
  const deployment = await found<ManagerDeployment>(cluster, DEPLOYMENTS, { namespace, name: DEPLOYMENT });
  const containers = deployment?.spec?.template?.spec?.containers ?? [];
  const operations = containers.flatMap(({ args = [] }, container) =>
    args.flatMap((arg, index) => {
      const [, flag] = IGNORE.exec(arg) ?? [];
      const path = `/spec/template/spec/containers/${container}/args/${index}`;
      if (flag === undefined) return [];
      return [{ op: "test", path, value: arg } as const, { op: "replace", path, value: `${flag}=Fail` } as const];
    }),
  );
  if (operations.length === 0) return;
  await cluster.patch(DEPLOYMENTS, { namespace, name: DEPLOYMENT }, { type: "json", operations }, { dryRun });
  move.say(
    `Deployment ${namespace}/${DEPLOYMENT} gets --default-failure-policy=Fail, as OpenKruise has it; set it in its chart too`,
  );
}

/** Settles when no manager of ours leads any more. Its webhook stays registered, so that no selected pod starts without its sidecars. */
export async function endOurManager(move: Move): Promise<void> {
  const { cluster, clock, systemNamespace: namespace, dryRun } = move;
  try {
    await endManager(move, DEPLOYMENT);
  } catch (error) {
    if (!isClusterError(error, "notFound")) throw error;
  }
  if (dryRun) return;
  const leader = () => livingHolder({ cluster, clock, lease: { namespace, name: LEASE_NAME } });
  const elsewhere = await leader();
  if (elsewhere !== undefined) move.say(`our manager runs elsewhere (${elsewhere}): end it now, this waits for it`);
  await until(
    move,
    async () => ((await leader()) === undefined ? true : undefined),
    "our manager still leads: end it, then run this again",
  );
}

export async function removeOurRegistration({ cluster, dryRun }: Move): Promise<void> {
  if (dryRun) return;
  for (const which of ["mutating", "validating"] as const)
    await removeConfiguration(cluster, CONFIGURATION_TYPES[which], CONFIGURATION_NAMES[which]);
}
