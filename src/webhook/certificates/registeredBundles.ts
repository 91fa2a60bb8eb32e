import type { Cluster } from "../../cluster/cluster.ts";
import { isClusterError } from "../../cluster/clusterError.ts";
import type { Environment } from "../../cluster/environment.ts";
import { startInformer } from "../../cluster/informer.ts";
import type { LocalCopy } from "../../cluster/localCopy.ts";
import type { ResourceType } from "../../cluster/resource.ts";
import { CONFIGURATION_TYPES, type WebhookConfiguration } from "../../cluster/webhookConfiguration.ts";
import { isJsonObject } from "../../core/kube/object.ts";
import { CONFIGURATION_NAMES } from "../registration.ts";

/** By which authorities API servers know the webhook, as this replica sees it: one PEM text for each that differs, none while nothing is registered. */
export interface RegisteredBundles {
  readonly synced: Promise<unknown>;
  current(): readonly string[];
  /** Hears only of changes of the bundles. */
  subscribe(listener: () => void): () => void;
}

const CONFIGURATIONS: readonly (readonly [ResourceType, string])[] = (["mutating", "validating"] as const).map(
  (which) => [CONFIGURATION_TYPES[which], CONFIGURATION_NAMES[which]],
);

export function followRegisteredBundles(options: {
  readonly cluster: Cluster;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}): RegisteredBundles {
  const copies: readonly LocalCopy<readonly string[]>[] = CONFIGURATIONS.map(([type, name]) =>
    startInformer<WebhookConfiguration, readonly string[]>({
      ...options,
      type,
      transform: bundlesOf,
      listOptions: { fieldSelector: `metadata.name=${name}` },
    }),
  );
  const current = (): readonly string[] => distinct(copies.flatMap((copy) => [...copy.values()].flat()));
  const listeners = new Set<() => void>();
  let before = "";
  const compare = (): void => {
    const now = current().join("\n");
    if (now === before) return;
    before = now;
    for (const listener of listeners) listener();
  };
  for (const copy of copies) copy.subscribe(compare);
  return {
    synced: Promise.all(copies.map(({ synced }) => synced)),
    current,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** As they are stored now. */
export async function readRegisteredBundles(cluster: Cluster): Promise<readonly string[]> {
  const found = await Promise.all(CONFIGURATIONS.map(([type, name]) => bundlesIn(cluster, type, name)));
  return distinct(found.flat());
}

async function bundlesIn(cluster: Cluster, type: ResourceType, name: string): Promise<readonly string[]> {
  try {
    return bundlesOf(await cluster.get<WebhookConfiguration>(type, { name }));
  } catch (error) {
    if (isClusterError(error, "notFound")) return [];
    throw error;
  }
}

function bundlesOf({ webhooks = [] }: WebhookConfiguration): readonly string[] {
  return webhooks.map(({ clientConfig }) => {
    const bundle = isJsonObject(clientConfig) ? clientConfig.caBundle : undefined;
    return typeof bundle === "string" ? Buffer.from(bundle, "base64").toString() : "";
  });
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
