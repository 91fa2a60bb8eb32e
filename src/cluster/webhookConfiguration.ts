import { jsonEqual } from "../core/kube/jsonPatch.ts";
import type { Json, JsonObject, KubeObject } from "../core/kube/object.ts";
import type { Cluster } from "./cluster.ts";
import { isClusterError } from "./clusterError.ts";
import { MUTATING_WEBHOOKS, type ResourceType, VALIDATING_WEBHOOKS } from "./resource.ts";

export interface WebhookConfiguration extends KubeObject {
  /** Absent: none. */
  readonly webhooks?: readonly JsonObject[];
}

export interface WebhookConfigurations {
  readonly mutating: WebhookConfiguration;
  readonly validating: WebhookConfiguration;
}

export const CONFIGURATION_TYPES = { mutating: MUTATING_WEBHOOKS, validating: VALIDATING_WEBHOOKS } as const;

const ATTEMPTS = 5;

/**
 * Creates the object or brings it to what is wanted; one that is right already is not written. What others have put into its metadata
 * stays. Somebody may write at the same time, so a conflict means: look again.
 * @returns the object as the API server has it now, which may lack fields that it does not know
 */
export async function storeConfiguration(
  cluster: Cluster,
  type: ResourceType,
  wanted: WebhookConfiguration,
): Promise<{ readonly stored: WebhookConfiguration; readonly written: boolean }> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await storeOnce(cluster, type, wanted);
    } catch (error) {
      if (!isClusterError(error, "conflict", "alreadyExists") || attempt === ATTEMPTS) throw error;
    }
  }
}

async function storeOnce(cluster: Cluster, type: ResourceType, wanted: WebhookConfiguration) {
  const existing = await find(cluster, type, wanted.metadata.name!);
  if (existing === undefined) return { stored: await cluster.create(type, wanted), written: true };
  if (holds(existing, wanted)) return { stored: existing, written: false };
  return { stored: await cluster.update(type, { ...existing, webhooks: wanted.webhooks ?? [] }), written: true };
}

/** Gone is gone, whoever did it. */
export async function removeConfiguration(cluster: Cluster, type: ResourceType, name: string): Promise<void> {
  try {
    await cluster.delete(type, { name });
  } catch (error) {
    if (!isClusterError(error, "notFound")) throw error;
  }
}

/** Whether the stored webhooks are the wanted ones, whatever defaults a newer API server has added. */
export function holds(
  { webhooks: stored = [] }: WebhookConfiguration,
  { webhooks = [] }: WebhookConfiguration,
): boolean {
  return (
    stored.length === webhooks.length &&
    webhooks.every((wanted, index) =>
      [...new Set([...Object.keys(wanted), ...NARROWING])].every((field) =>
        jsonEqual(stored[index]![field] ?? (null as Json), wanted[field] ?? null),
      ),
    )
  );
}

/** What somebody may have added, and would keep pods away. */
const NARROWING = ["matchConditions", "objectSelector", "namespaceSelector"];

async function find(cluster: Cluster, type: ResourceType, name: string): Promise<WebhookConfiguration | undefined> {
  try {
    return await cluster.get<WebhookConfiguration>(type, { name });
  } catch (error) {
    if (isClusterError(error, "notFound")) return undefined;
    throw error;
  }
}
