import type { JsonObject } from "../kube/object.ts";
import type { CompilePattern } from "../kube/pattern.ts";
import type { Container, Pod } from "../kube/pod.ts";
import type { Quantity } from "../kube/quantity.ts";
import { addQuantities, compareQuantities, formatQuantity, parseQuantity, quantityOf } from "../kube/quantity.ts";
import type { Result } from "../result.ts";
import { err, ok } from "../result.ts";
import type { ComputedResource } from "../sidecarSet/resourceExpression.ts";
import { evaluateExpression } from "../sidecarSet/resourceExpression.ts";
import type { ResourceExpressions, ResourcesPolicy, SidecarContainer } from "../sidecarSet/sidecarSet.ts";

export interface ResourcesPolicyInput {
  /** As it came in; of its containers those that run all the time count, native sidecars too. */
  readonly pod: Pick<Pod, "spec">;
  /** One with a `resourcesPolicy`. */
  readonly sidecar: SidecarContainer;
  /** Names of all sidecars that take part in this injection, hot-upgrade pairs by both names: their resources do not count. */
  readonly otherSidecarNames: readonly string[];
  readonly compilePattern: CompilePattern;
}

/**
 * The `resources` of a sidecar with a `resourcesPolicy`: the resources of the matching containers of the pod become one amount, from
 * which each expression computes its own. Where a container has no limit, neither has the sidecar. Requests are capped to the limits,
 * since a pod that requests more is refused; `claims` stay as they are. May come out as `{}`.
 * @returns the error names the field below the sidecar
 */
export function applyResourcesPolicy(input: ResourcesPolicyInput): Result<JsonObject, string> {
  const policy = input.sidecar.resourcesPolicy;
  if (!policy) return ok(input.sidecar.resources ?? {});
  const targets = targetContainers(input, policy);
  if (!targets.ok) return targets;
  const aggregates = aggregateResources(targets.value, policy.targetContainersMode);
  if (!aggregates.ok) return aggregates;
  const { limits, requests } = policy.resourcesExpr;
  const computedLimits = computeAmounts("limits", limits, aggregates.value.limits);
  if (!computedLimits.ok) return computedLimits;
  const computedRequests = computeAmounts("requests", requests, aggregates.value.requests);
  if (!computedRequests.ok) return computedRequests;
  const claims = input.sidecar.resources?.claims;
  return ok({
    ...amountsField("limits", computedLimits.value),
    ...amountsField("requests", cap(computedRequests.value, computedLimits.value)),
    ...(claims !== undefined && { claims }),
  });
}

/** What the expressions of a policy are computed from, as they are written in a pod. */
export interface ResourcesSeen {
  /** Names of the matching containers. */
  readonly containers: readonly string[];
  readonly limits: Readonly<Partial<Record<ComputedResource, string>>>;
  readonly requests: Readonly<Partial<Record<ComputedResource, string>>>;
}

/** For explanations: what {@link applyResourcesPolicy} looked at. */
export function resourcesSeen(input: ResourcesPolicyInput): Result<ResourcesSeen, string> {
  const policy = input.sidecar.resourcesPolicy;
  if (!policy) return ok({ containers: [], limits: {}, requests: {} });
  const targets = targetContainers(input, policy);
  if (!targets.ok) return targets;
  const aggregates = aggregateResources(targets.value, policy.targetContainersMode);
  if (!aggregates.ok) return aggregates;
  const { limits, requests } = aggregates.value;
  return ok({ containers: targets.value.map(({ name }) => name), limits: texts(limits), requests: texts(requests) });
}

/** What the matching containers have together; a limit is absent when one of them has none. */
function aggregateResources(
  targets: readonly Container[],
  mode: string,
): Result<Readonly<Record<ResourceField, Amounts>>, string> {
  const combine = COMBINE.get(mode);
  if (!combine) return err(`resourcesPolicy.targetContainersMode: "${mode}" is unknown; it must be sum or max`);
  const limits: Record<string, Quantity> = {};
  const requests: Record<string, Quantity> = {};
  for (const resource of RESOURCES) {
    const limit = readAmounts(targets, "limits", resource);
    if (!limit.ok) return limit;
    const request = readAmounts(targets, "requests", resource);
    if (!request.ok) return request;
    if (limit.value.length === targets.length) limits[resource] = combine(limit.value);
    requests[resource] = combine(request.value);
  }
  return ok({ limits, requests });
}

function targetContainers(
  { pod, otherSidecarNames, compilePattern }: Omit<ResourcesPolicyInput, "sidecar">,
  policy: ResourcesPolicy,
): Result<readonly Container[], string> {
  const text = policy.targetContainersNameRegex ?? "";
  const field = "resourcesPolicy.targetContainersNameRegex";
  const matches = compilePattern(text);
  if (!matches.ok) return err(`${field}: ${JSON.stringify(text)} is no regular expression: ${matches.error}`);
  const native = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  const own = [...native, ...pod.spec.containers].filter(({ name }) => !otherSidecarNames.includes(name));
  const targets = own.filter(({ name }) => matches.value(name));
  if (targets.length > 0) return ok(targets);
  const names = own.map(({ name }) => name).join(", ") || "none but sidecars";
  return err(`${field}: ${JSON.stringify(text)} matches no container of the pod (it has ${names})`);
}

type ResourceField = "limits" | "requests";
type Amounts = Readonly<Partial<Record<ComputedResource, Quantity>>>;

const RESOURCES: readonly ComputedResource[] = ["cpu", "memory"];
const ZERO = quantityOf(0n, "decimal");
const COMBINE: ReadonlyMap<string, (amounts: readonly Quantity[]) => Quantity> = new Map([
  ["sum", (amounts) => amounts.reduce(addQuantities, ZERO)],
  ["max", (amounts) => amounts.reduce((most, next) => (compareQuantities(next, most) > 0 ? next : most), ZERO)],
]);

/** Of the containers that have one. */
function readAmounts(
  containers: readonly Container[],
  field: ResourceField,
  resource: ComputedResource,
): Result<readonly Quantity[], string> {
  const amounts: Quantity[] = [];
  for (const { name, resources } of containers) {
    const value = (resources?.[field] as JsonObject | undefined)?.[resource];
    if (value === undefined) continue;
    const amount = parseQuantity(typeof value === "string" ? value : JSON.stringify(value ?? 0));
    if (!amount.ok) return err(`container ${name} of the pod, resources.${field}.${resource}: ${amount.error}`);
    amounts.push(amount.value);
  }
  return ok(amounts);
}

function computeAmounts(
  field: ResourceField,
  expressions: ResourceExpressions | undefined,
  aggregate: Amounts,
): Result<Amounts, string> {
  const amounts: Record<string, Quantity> = {};
  for (const resource of RESOURCES) {
    const text = expressions?.[resource];
    const bound = aggregate[resource];
    if (!text || !bound) continue;
    const amount = evaluateExpression(text, resource, bound);
    if (!amount.ok) return err(`resourcesPolicy.resourcesExpr.${field}.${resource}: ${amount.error}`);
    amounts[resource] = amount.value;
  }
  return ok(amounts);
}

function cap(requests: Amounts, limits: Amounts): Amounts {
  const capped = Object.entries(requests).map(([resource, request]) => {
    const limit = limits[resource as ComputedResource];
    return [resource, limit && compareQuantities(request, limit) > 0 ? limit : request];
  });
  return Object.fromEntries(capped);
}

function amountsField(field: ResourceField, amounts: Amounts): JsonObject {
  return Object.keys(amounts).length > 0 ? { [field]: texts(amounts) } : {};
}

function texts(amounts: Amounts): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(amounts).map(([resource, amount]) => [resource, formatQuantity(amount)]));
}
