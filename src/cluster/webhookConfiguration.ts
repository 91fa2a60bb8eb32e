import { jsonEqual } from "../core/kube/jsonPatch.ts";
import { isJsonObject, type Json, type JsonObject, type KubeObject } from "../core/kube/object.ts";
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
 * @param wantedBeside what is wanted in sight of the object as it is, undefined when there is none; left out: the same in any case
 * @returns the object as the API server has it now, which may lack fields that it does not know
 */
export async function storeConfiguration(
  cluster: Cluster,
  type: ResourceType,
  wanted: WebhookConfiguration,
  wantedBeside: (existing: WebhookConfiguration | undefined) => WebhookConfiguration = () => wanted,
): Promise<{ readonly stored: WebhookConfiguration; readonly written: boolean }> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const existing = await find(cluster, type, wanted.metadata.name!);
      return await storeOnce(cluster, type, existing, wantedBeside(existing));
    } catch (error) {
      if (!isClusterError(error, "conflict", "alreadyExists") || attempt === ATTEMPTS) throw error;
    }
  }
}

async function storeOnce(
  cluster: Cluster,
  type: ResourceType,
  existing: WebhookConfiguration | undefined,
  wanted: WebhookConfiguration,
) {
  if (existing === undefined) return { stored: await cluster.create(type, wanted), written: true };
  if (holds(existing, wanted)) return { stored: existing, written: false };
  return { stored: await cluster.update(type, brought(existing, wanted)), written: true };
}

/** A bundle that is not ours to write stays as somebody else has written it. */
function brought(existing: WebhookConfiguration, wanted: WebhookConfiguration): WebhookConfiguration {
  const annotations = { ...existing.metadata.annotations, ...wanted.metadata.annotations };
  const webhooks = (wanted.webhooks ?? []).map((webhook) => {
    const before = existing.webhooks?.find(({ name }) => name === webhook.name);
    return { ...webhook, clientConfig: withBundleOf(before, webhook) };
  });
  return { ...existing, metadata: { ...existing.metadata, annotations }, webhooks };
}

function withBundleOf(before: JsonObject | undefined, { clientConfig }: JsonObject): Json {
  const { caBundle } = isJsonObject(before?.clientConfig) ? before.clientConfig : {};
  if (!isJsonObject(clientConfig)) return null;
  return caBundle === undefined ? clientConfig : { caBundle, ...clientConfig };
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
export function holds(existing: WebhookConfiguration, { metadata, webhooks = [] }: WebhookConfiguration): boolean {
  const stored = existing.webhooks ?? [];
  return (
    stored.length === webhooks.length &&
    Object.entries(metadata.annotations ?? {}).every(
      ([key, value]) => existing.metadata.annotations?.[key] === value,
    ) &&
    webhooks.every((webhook, index) => {
      const wanted: JsonObject = { ...webhook, clientConfig: withBundleOf(stored[index], webhook) };
      return [...new Set([...Object.keys(wanted), ...NARROWING])].every((field) =>
        jsonEqual(stored[index]![field] ?? (null as Json), wanted[field] ?? null),
      );
    })
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
