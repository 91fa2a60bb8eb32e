import type { Grant, Rule } from "../../generate/install/rights.ts";
import type { AuditedRequest } from "./auditLog.ts";

/** Rights that nobody used, each as a line. Asked for by no request, but by an admission plugin, are rights on finalizers. */
export function unusedRights(
  grants: readonly Grant[],
  requests: readonly AuditedRequest[],
  systemNamespace: string,
): readonly string[] {
  return grants.flatMap((grant) => {
    const namespace = { cluster: undefined, system: systemNamespace, default: "default" }[grant.scope];
    return grant.rules
      .filter(({ resource }) => !resource.endsWith("/finalizers"))
      .flatMap((rule) =>
        Object.keys(rule.verbs)
          .filter((verb) => !requests.some((request) => uses({ rule, verb, namespace }, request)))
          .map((verb) => `${grant.role}: ${verb} ${rule.resource} ${rule.names?.join(",") ?? ""}`.trim()),
      );
  });
}

/** Requests that no rule speaks of, each as a line. */
export function withoutRight(
  grants: readonly Grant[],
  requests: readonly AuditedRequest[],
  systemNamespace: string,
): readonly string[] {
  const lacking = requests.filter(
    (request) =>
      !grants.some(({ scope, rules }) => {
        const namespace = { cluster: undefined, system: systemNamespace, default: "default" }[scope];
        return rules.some(
          (rule) => request.verb in rule.verbs && uses({ rule, verb: request.verb, namespace }, request),
        );
      }),
  );
  return [
    ...new Set(
      lacking.map(({ verb, resource, namespace = "", name = "" }) => `${verb} ${resource} ${namespace}/${name}`),
    ),
  ];
}

/** A rule in no namespace holds in all. */
function uses(
  { rule, verb, namespace }: { readonly rule: Rule; readonly verb: string; readonly namespace: string | undefined },
  request: AuditedRequest,
): boolean {
  return (
    request.verb === verb &&
    request.group === rule.group &&
    request.resource === rule.resource &&
    (namespace === undefined || request.namespace === namespace) &&
    (rule.names === undefined || rule.names.includes(request.name ?? ""))
  );
}
