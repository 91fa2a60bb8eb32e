import { isJsonObject, type Json } from "../kube/object.ts";
import type { Container, PodSpec } from "../kube/pod.ts";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  negateQuantity,
  parseQuantity,
  type Quantity,
  quantityOf,
} from "../kube/quantity.ts";
import { err, ok, type Result } from "../result.ts";

const RESOURCES = ["cpu", "memory"] as const;
type Resource = (typeof RESOURCES)[number];

/**
 * How much more of a node the scheduler sets aside for a pod after a change: `{ cpu: "+50m" }`. What stays the same, or holds an amount
 * that cannot be read, is left out.
 */
export function requestsAdded(before: PodSpec, after: PodSpec): Readonly<Partial<Record<Resource, string>>> {
  return Object.fromEntries(
    RESOURCES.flatMap((resource) => {
      const [had, has] = [requestedOf(before, resource), requestedOf(after, resource)];
      if (!had.ok || !has.ok) return [];
      const difference = addQuantities(has.value, negateQuantity(had.value));
      if (difference.nanos === 0n) return [];
      return [[resource, `${difference.nanos > 0n ? "+" : ""}${formatQuantity(difference)}`]];
    }),
  );
}

/** The scheduler's sum: containers and native sidecars together, or the largest moment of starting, whichever is more. */
function requestedOf(spec: PodSpec, resource: Resource): Result<Quantity, string> {
  const ofPod = amountOf(spec, resource);
  if (!ofPod.ok || ofPod.value !== undefined) return ofPod as Result<Quantity, string>;
  let running = ZERO;
  let starting = ZERO;
  for (const container of spec.initContainers ?? []) {
    const amount = requestOf(container, resource);
    if (!amount.ok) return amount;
    const then = addQuantities(running, amount.value);
    if (compareQuantities(then, starting) > 0) starting = then;
    if (container.restartPolicy === "Always") running = then;
  }
  for (const container of spec.containers) {
    const amount = requestOf(container, resource);
    if (!amount.ok) return amount;
    running = addQuantities(running, amount.value);
  }
  return ok(compareQuantities(running, starting) >= 0 ? running : starting);
}

const ZERO = quantityOf(0n, "decimal");

function requestOf(container: Container, resource: Resource): Result<Quantity, string> {
  const amount = amountOf(container, resource);
  return amount.ok ? ok(amount.value ?? ZERO) : amount;
}

type Resourced = { readonly resources?: unknown; readonly [field: string]: unknown };

/** The request, or the limit in its place, as the API server fills it in. */
function amountOf({ resources }: Resourced, resource: Resource): Result<Quantity | undefined, string> {
  if (!isJsonObject(resources)) return ok(undefined);
  const { requests, limits } = resources;
  const amount = memberOf(requests, resource) ?? memberOf(limits, resource);
  if (amount === undefined) return ok(undefined);
  return typeof amount === "string" || typeof amount === "number" ? parseQuantity(amount) : err("no quantity");
}

function memberOf(map: Json | undefined, key: string): Json | undefined {
  return isJsonObject(map) ? (map[key] ?? undefined) : undefined;
}
