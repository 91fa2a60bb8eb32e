import { compileSelector, type LabelSelector, type Labels } from "../../core/kube/labelSelector.ts";
import { notFound } from "../apiStatus.ts";
import type { ServerContext } from "../serverContext.ts";
import type { AdmissionAttributes } from "./admission.ts";
import type { Webhook, WebhookRule } from "./webhookConfiguration.ts";

const NAMESPACES = { group: "", plural: "namespaces" };

/**
 * Does a webhook want to hear about this request?
 * @returns the version of the resource it wants to see, undefined when it is not concerned
 */
export function matchedVersion(
  context: ServerContext,
  webhook: Webhook,
  attributes: AdmissionAttributes,
): string | undefined {
  if (attributes.definition.group === "admissionregistration.k8s.io") return undefined;
  const version = versionByRules(webhook, attributes);
  if (version === undefined) return undefined;
  if (!namespaceMatches(context, webhook.namespaceSelector, attributes)) return undefined;
  return objectMatches(webhook.objectSelector, attributes) ? version : undefined;
}

/** `Equivalent` rules also catch the resource under its other versions; it is then sent in the version the rule names. */
function versionByRules(webhook: Webhook, attributes: AdmissionAttributes): string | undefined {
  const others = webhook.matchPolicy === "Equivalent" ? Object.keys(attributes.definition.versions) : [];
  return [attributes.version, ...others].find((version) =>
    (webhook.rules ?? []).some((rule) => ruleMatches(rule, version, attributes)),
  );
}

function ruleMatches(rule: WebhookRule, version: string, attributes: AdmissionAttributes): boolean {
  const { definition, operation, subresource } = attributes;
  return (
    includes(rule.operations, operation) &&
    includes(rule.apiGroups, definition.group) &&
    includes(rule.apiVersions, version) &&
    scopeMatches(rule.scope ?? "*", definition.namespaced) &&
    (rule.resources ?? []).some((resource) => resourceMatches(resource, definition.plural, subresource))
  );
}

function includes(values: readonly string[] | undefined, value: string): boolean {
  return (values ?? []).some((candidate) => candidate === "*" || candidate === value);
}

function scopeMatches(scope: "*" | "Cluster" | "Namespaced", namespaced: boolean): boolean {
  return scope === "*" || (scope === "Namespaced") === namespaced;
}

/** `pods`, `pods/status`, `pods/*`, `*`, any resource's `scale`. A rule without a slash means the resource alone. */
function resourceMatches(rule: string, plural: string, subresource: string): boolean {
  const [resource, sub = ""] = rule.split("/");
  return (resource === "*" || resource === plural) && (sub === "*" || sub === subresource);
}

function namespaceMatches(
  context: ServerContext,
  selector: LabelSelector | undefined,
  attributes: AdmissionAttributes,
): boolean {
  const { definition, namespace, name, object, operation } = attributes;
  const isNamespace = definition.group === "" && definition.plural === "namespaces";
  if (!definition.namespaced && !isNamespace) return true;
  if (isEmpty(selector)) return true;
  if (isNamespace && operation !== "DELETE") return selects(selector, object?.metadata.labels);
  const lookedUp = isNamespace ? name : namespace!;
  const found = context.store.table(NAMESPACES).get(undefined, lookedUp);
  if (!found) throw notFound(NAMESPACES, lookedUp);
  return selects(selector, found.metadata.labels);
}

/** An update concerns a webhook when the object is selected before or after it. */
function objectMatches(selector: LabelSelector | undefined, { object, oldObject }: AdmissionAttributes): boolean {
  return (
    isEmpty(selector) ||
    [object, oldObject].some((candidate) => candidate !== undefined && selects(selector, candidate.metadata.labels))
  );
}

function isEmpty(selector: LabelSelector | undefined): boolean {
  return selector === undefined || (!selector.matchLabels && (selector.matchExpressions ?? []).length === 0);
}

function selects(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  const compiled = compileSelector(selector ?? {});
  return compiled.ok && compiled.value.matches(labels ?? {});
}
