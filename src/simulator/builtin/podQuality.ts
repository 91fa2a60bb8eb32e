import type { Container } from "../../core/kube/pod.ts";
import { compareQuantities, parseQuantity, type Quantity, quantityOf } from "../../core/kube/quantity.ts";

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const COUNTED = ["cpu", "memory"] as const;

/** The quality of service class: decided once, at creation, from the cpu and memory of all containers. */
export function qosClassOf(containers: readonly Container[]): QosClass {
  const requests = totals(containers, "requests");
  const limits = totals(containers, "limits");
  if (requests.size === 0 && limits.size === 0) return "BestEffort";
  const limited = containers.every((container) => COUNTED.every((name) => isPositive(read(container, "limits", name))));
  const equal = [...requests].every(([name, request]) => {
    const limit = limits.get(name);
    return limit !== undefined && compareQuantities(limit, request) === 0;
  });
  return limited && equal && requests.size === limits.size ? "Guaranteed" : "Burstable";
}

function totals(containers: readonly Container[], side: "requests" | "limits"): Map<string, Quantity> {
  const sums = new Map<string, Quantity>();
  for (const container of containers) {
    for (const name of COUNTED) {
      const quantity = read(container, side, name);
      if (!isPositive(quantity)) continue;
      const sum = sums.get(name);
      sums.set(name, sum ? quantityOf(sum.nanos + quantity.nanos, sum.format) : quantity);
    }
  }
  return sums;
}

function read(container: Container, side: "requests" | "limits", name: string): Quantity | undefined {
  const amounts = container.resources?.[side] as Readonly<Record<string, string | number>> | undefined;
  const amount = amounts?.[name];
  if (amount === undefined) return undefined;
  const parsed = parseQuantity(amount);
  return parsed.ok ? parsed.value : undefined;
}

function isPositive(quantity: Quantity | undefined): quantity is Quantity {
  return quantity !== undefined && quantity.nanos > 0n;
}
