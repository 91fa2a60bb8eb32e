import type { LabelSelector } from "../../core/kube/labelSelector.ts";
import type { ApiObject } from "../apiObject.ts";
import type { ServerContext } from "../serverContext.ts";
import type { MatchCondition } from "./matchCondition.ts";

/** One webhook of a Mutating- or ValidatingWebhookConfiguration, defaults filled in when it was stored. */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: ClientConfig;
  readonly rules?: readonly WebhookRule[];
  readonly failurePolicy: "Fail" | "Ignore";
  readonly matchPolicy: "Exact" | "Equivalent";
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly matchConditions?: readonly MatchCondition[];
  readonly timeoutSeconds: number;
  readonly reinvocationPolicy?: "Never" | "IfNeeded";
}

export interface ClientConfig {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    readonly port?: number;
  };
  /** PEM, base64. */
  readonly caBundle?: string;
}

export interface WebhookRule {
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly operations?: readonly string[];
  readonly resources?: readonly string[];
  readonly scope?: "*" | "Cluster" | "Namespaced";
}

/** A webhook under a name that is unique among all configurations. */
export interface Invocation {
  readonly id: string;
  readonly webhook: Webhook;
}

/** All webhooks of one kind of configuration, in calling order: by configuration name, then as listed. */
export function storedWebhooks({ store }: ServerContext, plural: string): Invocation[] {
  return store
    .table({ group: "admissionregistration.k8s.io", plural })
    .list()
    .flatMap((configuration) =>
      webhooksOf(configuration).map((webhook, index) => ({
        id: `${configuration.metadata.name}/${webhook.name}/${index}`,
        webhook,
      })),
    );
}

function webhooksOf(configuration: ApiObject): readonly Webhook[] {
  return (configuration.webhooks as readonly Webhook[] | undefined) ?? [];
}
