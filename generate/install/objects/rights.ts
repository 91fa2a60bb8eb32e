import {
  type Grant,
  MANAGER_GRANTS,
  OWN_CERTIFICATE_ROLE,
  PEOPLE_GRANTS,
  REMOVAL,
  type Rule,
  type Scope,
} from "../rights.ts";
import { all, type Condition, is, isGiven, isTrue, NAMESPACE, type Node, not, value, when } from "../slots.ts";
import { labelled } from "./labels.ts";

const AUTHORIZATION = "rbac.authorization.k8s.io";
const HOLDERS = { manager: value("serviceAccount.name"), removal: REMOVAL } as const;

/** Accounts, roles and bindings, as rights.ts tells them. */
export const RIGHTS: readonly Node[] = [
  when(isTrue("serviceAccount.create"), {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: {
      name: value("serviceAccount.name"),
      namespace: NAMESPACE,
      labels: labelled("manager"),
      annotations: when(isGiven("serviceAccount.annotations"), value("serviceAccount.annotations")),
    },
  }),
  ...MANAGER_GRANTS.flatMap((grant) => roleAndBinding(grant).map((object) => when(conditionOf(grant), object))),
  // A certificate of somebody else is only read.
  ...roleAndBinding(providedCertificate()).map((object) =>
    when(all(isTrue("rbac.create"), not(is("webhook.certificate.mode", "self"))), object),
  ),
  ...PEOPLE_GRANTS.map((grant) => when(isTrue("rbac.aggregate"), role(grant))),
];

function conditionOf({ role }: Grant): Condition {
  const created = isTrue("rbac.create");
  return role === OWN_CERTIFICATE_ROLE ? all(created, is("webhook.certificate.mode", "self")) : created;
}

function providedCertificate(): Grant & { readonly names: Node } {
  return {
    role: OWN_CERTIFICATE_ROLE,
    scope: "system",
    holder: "manager",
    about: "in its own namespace, for a certificate of somebody else",
    rules: [{ group: "", resource: "secrets", verbs: { list: "the certificate", watch: "its renewals" } }],
    names: [value("webhook.certificate.secretName")],
  };
}

/** @param extra for all of it, such as annotations */
export function roleAndBinding(
  grant: Grant & { readonly names?: Node },
  extra: Readonly<Record<string, Node>> = {},
): Node[] {
  const { role: name, scope, holder } = grant;
  if (holder === "people") throw new Error(`${name} is bound by people`);
  const subject = { kind: "ServiceAccount", name: HOLDERS[holder], namespace: NAMESPACE };
  return [
    role(grant, extra),
    {
      apiVersion: `${AUTHORIZATION}/v1`,
      kind: scope === "cluster" ? "ClusterRoleBinding" : "RoleBinding",
      metadata: { name, ...placeOf(scope), labels: labelled("rights"), ...extra },
      roleRef: { apiGroup: AUTHORIZATION, kind: kindOf(scope), name },
      subjects: [subject],
    },
  ];
}

function role(grant: Grant & { readonly names?: Node }, extra: Readonly<Record<string, Node>> = {}): Node {
  const { role: name, scope, rules, aggregatedTo = [], names } = grant;
  const aggregation = aggregatedTo.map((to) => [`${AUTHORIZATION}/aggregate-to-${to}`, "true"] as const);
  return {
    apiVersion: `${AUTHORIZATION}/v1`,
    kind: kindOf(scope),
    metadata: {
      name,
      ...placeOf(scope),
      labels: { ...labelled("rights"), ...Object.fromEntries(aggregation) },
      ...extra,
    },
    rules: rules.map((rule) => ({ ...policyRule(rule), ...(names === undefined ? {} : { resourceNames: names }) })),
  };
}

function policyRule({ group, resource, names, verbs }: Rule) {
  return {
    apiGroups: [group],
    resources: [resource],
    ...(names === undefined ? {} : { resourceNames: names }),
    verbs: Object.keys(verbs),
  };
}

function kindOf(scope: Scope): string {
  return scope === "cluster" ? "ClusterRole" : "Role";
}

function placeOf(scope: Scope): { readonly namespace?: Node } {
  if (scope === "cluster") return {};
  return { namespace: scope === "system" ? NAMESPACE : "default" };
}
