import type { FieldError } from "../../core/result.ts";
import { type ApiObject, isRecord } from "../apiObject.ts";
import { builtin, type ResourceDefinition } from "../resourceDefinition.ts";
import { ageColumn, nameColumn, numberColumn } from "../table/columns.ts";
import { matchConditionErrors } from "./matchConditionErrors.ts";

type Fields = Readonly<Record<string, unknown>>;

export const MUTATING_WEBHOOK_CONFIGURATION = webhookConfiguration("Mutating", { reinvocationPolicy: "Never" });
export const VALIDATING_WEBHOOK_CONFIGURATION = webhookConfiguration("Validating", {});

function webhookConfiguration(prefix: "Mutating" | "Validating", defaults: Fields): ResourceDefinition {
  const kind = `${prefix}WebhookConfiguration`;
  return builtin({
    group: "admissionregistration.k8s.io",
    version: "v1",
    kind,
    plural: `${kind.toLowerCase()}s`,
    namespaced: false,
    categories: ["api-extensions"],
    decode: (object) => withDefaults(object, defaults),
    columns: [nameColumn, numberColumn("Webhooks", (object) => webhooksOf(object).length), ageColumn],
    strategy: {
      unconditionalUpdate: false,
      validateCreate: configurationErrors,
      validateUpdate: configurationErrors,
      generationOf: (object) => object.webhooks,
    },
  });
}

function withDefaults(object: ApiObject, defaults: Fields): ApiObject {
  if (!Array.isArray(object.webhooks)) return object;
  const webhooks = webhooksOf(object).map((webhook) => ({
    failurePolicy: "Fail",
    matchPolicy: "Equivalent",
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...defaults,
    ...webhook,
    ...(Array.isArray(webhook.rules)
      ? { rules: webhook.rules.map((rule) => (isRecord(rule) ? { scope: "*", ...rule } : rule)) }
      : {}),
    ...(isRecord(webhook.clientConfig) ? { clientConfig: withPort(webhook.clientConfig) } : {}),
  }));
  return { ...object, webhooks };
}

function withPort(clientConfig: Fields): Fields {
  return isRecord(clientConfig.service)
    ? { ...clientConfig, service: { port: 443, ...clientConfig.service } }
    : clientConfig;
}

function configurationErrors(object: ApiObject): FieldError[] {
  const names = new Set<string>();
  return webhooksOf(object).flatMap((webhook, index) => {
    const path = `webhooks[${index}]`;
    const name = String(webhook.name ?? "");
    const errors = [...nameErrors(name, names, `${path}.name`), ...webhookErrors(webhook, path)];
    names.add(name);
    return errors;
  });
}

function nameErrors(name: string, taken: ReadonlySet<string>, field: string): FieldError[] {
  if (name === "") return [{ field, type: "FieldValueRequired", detail: "" }];
  if (taken.has(name)) return [{ field, type: "FieldValueDuplicate", value: name, detail: "" }];
  const detail = "should be a domain with at least three segments separated by dots";
  return name.split(".").length < 3 ? [{ field, type: "FieldValueInvalid", value: name, detail }] : [];
}

function webhookErrors(webhook: Fields, path: string): FieldError[] {
  const errors = [
    ...oneOf(webhook.failurePolicy, ["Fail", "Ignore"], `${path}.failurePolicy`),
    ...oneOf(webhook.matchPolicy, ["Equivalent", "Exact"], `${path}.matchPolicy`),
    ...clientErrors(webhook.clientConfig, `${path}.clientConfig`),
    ...matchConditionErrors(webhook.matchConditions, `${path}.matchConditions`),
  ];
  const timeout = webhook.timeoutSeconds;
  if (typeof timeout === "number" && (timeout < 1 || timeout > 30)) {
    const detail = "the timeout value must be between 1 and 30 seconds";
    errors.push({ field: `${path}.timeoutSeconds`, type: "FieldValueInvalid", value: timeout, detail });
  }
  const versions = webhook.admissionReviewVersions;
  if (!Array.isArray(versions) || versions.length === 0) {
    const detail = "must specify one of v1, v1beta1";
    errors.push({ field: `${path}.admissionReviewVersions`, type: "FieldValueRequired", detail });
  } else if (!versions.includes("v1")) {
    const detail = "must include at least one of v1, v1beta1";
    errors.push({ field: `${path}.admissionReviewVersions`, type: "FieldValueInvalid", value: versions, detail });
  }
  if (webhook.sideEffects === undefined) {
    const detail = "must specify one of None, NoneOnDryRun";
    errors.push({ field: `${path}.sideEffects`, type: "FieldValueRequired", detail });
  } else errors.push(...oneOf(webhook.sideEffects, ["None", "NoneOnDryRun"], `${path}.sideEffects`));
  return errors;
}

function clientErrors(clientConfig: unknown, field: string): FieldError[] {
  const { url, service } = isRecord(clientConfig) ? clientConfig : {};
  if ((url === undefined) === (service === undefined)) {
    return [{ field, type: "FieldValueRequired", detail: "exactly one of url or service is required" }];
  }
  if (url === undefined) return [];
  const address = URL.canParse(String(url)) ? new URL(String(url)) : undefined;
  if (address?.protocol === "https:" && !address.search && !address.hash && !address.username) return [];
  const detail = "'https' is the only allowed URL scheme; desired format: https://host[/path]";
  const value = address && address.protocol !== "https:" ? address.protocol.slice(0, -1) : url;
  return [{ field: `${field}.url`, type: "FieldValueInvalid", value, detail }];
}

function oneOf(value: unknown, allowed: readonly string[], field: string): FieldError[] {
  if (value === undefined || allowed.includes(String(value))) return [];
  const detail = `supported values: ${allowed.map((name) => JSON.stringify(name)).join(", ")}`;
  return [{ field, type: "FieldValueNotSupported", value, detail }];
}

function webhooksOf(object: ApiObject): Fields[] {
  return Array.isArray(object.webhooks) ? object.webhooks.filter(isRecord) : [];
}
