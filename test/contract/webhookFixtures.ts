import { MUTATING_WEBHOOKS, PODS, SIDECAR_SETS } from "../../src/cluster/resource.ts";
import type { JsonObject } from "../../src/core/kube/object.ts";
import { aConfigMap, aPodOnNode, CONFIG_MAPS, eventually, type Loose } from "./fixtures.ts";
import { aSidecarSet } from "./sidecarSetsKind.ts";
import type { CaseContext } from "./target.ts";
import { startWebhookServer, type Verdict, type WebhookServer } from "./webhookServer.ts";

/** Labels the probe that tells when a configuration has taken effect; no case creates another pod like it. */
const PROBE = "contract.test/probe";
export const ALLOWED: Verdict = { allowed: true };

export type Configuration = Loose & { readonly webhooks: Loose["spec"] };

export interface Registration {
  readonly type?: typeof MUTATING_WEBHOOKS;
  readonly configurationName?: string;
  readonly webhookName?: string;
  readonly path?: string;
  readonly rules?: readonly JsonObject[];
  readonly failurePolicy?: string;
  readonly matchPolicy?: string;
  readonly reinvocationPolicy?: string;
  readonly timeoutSeconds?: number;
  readonly objectSelector?: JsonObject;
  readonly namespaceSelector?: JsonObject;
  readonly matchConditions?: readonly JsonObject[];
}

type Judge = Parameters<typeof startWebhookServer>[0];

/** A webhook for pods of the case's namespace, in effect. */
export async function registered(
  context: CaseContext,
  registration: Registration,
  judge: Judge,
  probeLabels?: Record<string, string>,
): Promise<WebhookServer> {
  const server = await listening(context, judge);
  await register(context, server, registration, probeLabels);
  return server;
}

export async function listening(context: CaseContext, judge: Judge): Promise<WebhookServer> {
  const server = await startWebhookServer((request, path) => (isProbe(request) ? ALLOWED : judge(request, path)));
  context.afterwards(() => server.close());
  return server;
}

export async function register(
  context: CaseContext,
  server: WebhookServer,
  registration: Registration,
  probeLabels: Record<string, string> = {},
): Promise<void> {
  const { cluster, namespace, unique, afterwards } = context;
  const {
    type = MUTATING_WEBHOOKS,
    path = "/one",
    webhookName = "one.contract.test",
    rules = [{}],
    ...settings
  } = registration;
  const { configurationName: name = unique("webhook"), reinvocationPolicy, ...rest } = settings;
  const webhook = {
    name: webhookName,
    clientConfig: { url: server.url + path, caBundle: server.caBundle },
    rules: rules.map((rule) => ({
      apiGroups: [""],
      apiVersions: ["v1"],
      operations: ["CREATE"],
      resources: ["pods"],
      ...rule,
    })),
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    ...(reinvocationPolicy ? { reinvocationPolicy } : {}),
    ...rest,
  };
  await cluster.create(type, configuration(name, [webhook], type.kind));
  afterwards(() => cluster.delete(type, { name }));
  const plural = webhook.rules[0]?.resources[0] ?? "";
  await inEffect(context, { plural, labels: probeLabels }, () => server.calls.some((call) => call.path === path));
}

/** Asks by dry runs until the server has been told of the webhook. */
function inEffect(
  { cluster, namespace }: CaseContext,
  probe: { readonly plural: string; readonly labels: Record<string, string> },
  called: () => boolean,
): Promise<void> {
  const labels = { ...probe.labels, [PROBE]: "" };
  const type = [CONFIG_MAPS, SIDECAR_SETS].find(({ plural }) => plural === probe.plural) ?? PODS;
  const object = PROBES[type.plural]!(namespace, labels);
  return eventually(async () => {
    await cluster.create(type, object, { dryRun: true });
    if (!called()) throw new Error("the webhook was never called");
  });
}

const PROBES: Readonly<Record<string, (namespace: string, labels: Record<string, string>) => Loose>> = {
  pods: (namespace, labels) => aPodOnNode(namespace, "probe", { metadata: { labels } }),
  configmaps: (namespace, labels) => aConfigMap("probe", {}, { namespace, labels }),
  sidecarsets: (_namespace, labels) => ({ ...aSidecarSet("probe"), metadata: { name: "probe", labels } }),
};

export function isProbe(request: Loose["spec"]): boolean {
  return request.object?.metadata.labels?.[PROBE] !== undefined;
}

export function configuration(
  name: string,
  list: readonly object[],
  kind = "MutatingWebhookConfiguration",
): Configuration {
  return { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata: { name }, webhooks: list };
}

export function requestFor(server: WebhookServer, name: string): Loose["spec"] {
  return server.calls.map((call) => call.request).find((request) => request.name === name);
}

export function askedAbout(server: WebhookServer): string[] {
  return server.calls
    .map((call) => call.request)
    .filter((request) => !isProbe(request))
    .map((request) => request.name);
}
