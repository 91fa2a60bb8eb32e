import { isClusterError } from "../../cluster/clusterError.ts";
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  LEASES,
  MUTATING_WEBHOOKS,
  PODS,
  type ResourceType,
  VALIDATING_WEBHOOKS,
} from "../../cluster/resource.ts";
import type { JsonObject, KubeObject } from "../../core/kube/object.ts";
import type { ManagerDeployment } from "../../core/migration/managerInstallation.ts";
import { OPENKRUISE } from "../../core/migration/openKruise.ts";
import { type Move, until } from "./move.ts";
import { type Definition, found } from "./readMigration.ts";

// Each step leaves what is right already alone, so that a move that was interrupted can be made again.

/** Of its entries in either configuration; a configuration that is not there stays away. */
export async function writeWebhooks(
  { cluster, dryRun }: Move,
  which: "mutating" | "validating",
  webhooks: readonly JsonObject[],
): Promise<void> {
  const type: ResourceType = which === "mutating" ? MUTATING_WEBHOOKS : VALIDATING_WEBHOOKS;
  try {
    await cluster.patch(type, { name: OPENKRUISE[which] }, { type: "merge", patch: { webhooks } }, { dryRun });
  } catch (error) {
    if (!isClusterError(error, "notFound")) throw error;
  }
}

/** Settles when the last of its processes is gone: one that ends may still write. */
export async function endManager(move: Move, name: string): Promise<void> {
  const { cluster, systemNamespace: namespace, dryRun } = move;
  const deployment = await cluster.patch<ManagerDeployment>(
    DEPLOYMENTS,
    { namespace, name },
    { type: "merge", patch: { spec: { replicas: 0 } } },
    { dryRun },
  );
  if (dryRun) return;
  const labels = Object.entries(deployment.spec?.selector?.matchLabels ?? {});
  const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(",");
  await until(
    move,
    async () => {
      const { items } = await cluster.list(PODS, { namespace, labelSelector });
      return items.length === 0 ? true : undefined;
    },
    `pods of Deployment ${namespace}/${name} are still there; run this again when they are gone`,
  );
}

export async function startManagerAgain(move: Move, name: string, replicas: number): Promise<void> {
  const { cluster, systemNamespace: namespace, dryRun } = move;
  const patch = { spec: { replicas } };
  await cluster.patch(DEPLOYMENTS, { namespace, name }, { type: "merge", patch }, { dryRun });
  if (dryRun || replicas === 0) return;
  await until(
    move,
    async () => {
      const deployment = await found<ManagerDeployment>(cluster, DEPLOYMENTS, { namespace, name });
      return (deployment?.status?.readyReplicas ?? 0) > 0 ? true : undefined;
    },
    `no pod of Deployment ${namespace}/${name} is ready; run this again when one is`,
  );
}

/** Its manager does not give its lease back when it ends; only after the last of its processes is gone. */
export async function releaseLease({ cluster, systemNamespace: namespace, dryRun }: Move): Promise<void> {
  const patch = { spec: { holderIdentity: "" } };
  try {
    await cluster.patch(LEASES, { namespace, name: OPENKRUISE.lease }, { type: "merge", patch }, { dryRun });
  } catch (error) {
    if (!isClusterError(error, "notFound")) throw error;
  }
}

/** Objects stay; those stored in a version that the new definition converts otherwise are read by it from now on. */
export async function writeDefinition(
  { cluster, dryRun }: Move,
  definition: Definition,
  spec: JsonObject,
): Promise<void> {
  const object = { ...definition, spec } as unknown as KubeObject;
  await cluster.update(CUSTOM_RESOURCE_DEFINITIONS, object, { dryRun });
}
