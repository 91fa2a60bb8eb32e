import { isJsonObject, type Json, type JsonObject } from "../kube/object.ts";
import { compareQuantities, parseQuantity, type Quantity } from "../kube/quantity.ts";
import { err, ok, type Result } from "../result.ts";

const RESOURCES: readonly string[] = ["cpu", "memory", "ephemeral-storage"];
const FIELDS: readonly string[] = ["limits", "requests"];

/**
 * Limits and requests with those of a JSON text laid over them, resource by resource.
 * @returns the error says what would make the API server refuse the pod
 */
export function overriddenResources(resources: JsonObject, text: string): Result<JsonObject, string> {
  const wanted = parseJson(text);
  if (!isJsonObject(wanted)) return err('JSON with limits and requests is expected, such as {"limits":{"cpu":"1"}}');
  let overridden = resources;
  for (const [field, amounts] of Object.entries(wanted)) {
    if (!FIELDS.includes(field)) return err(`only limits and requests can be overridden, not ${field}`);
    if (!isJsonObject(amounts)) return err(`${field} must be a map of resources to amounts`);
    const checked = checkedAmounts(field, amounts);
    if (!checked.ok) return checked;
    overridden = { ...overridden, [field]: { ...amountsOf(overridden, field), ...checked.value } };
  }
  return withinLimits(overridden);
}

function checkedAmounts(field: string, amounts: JsonObject): Result<Readonly<Record<string, string>>, string> {
  const checked: Record<string, string> = {};
  for (const [resource, amount] of Object.entries(amounts)) {
    const at = `${field}.${resource}`;
    if (!RESOURCES.includes(resource)) return err(`${at}: only ${RESOURCES.join(", ")} can be overridden`);
    const quantity = quantityOf(amount);
    if (quantity === undefined) return err(`${at}: ${JSON.stringify(amount)} is no amount such as 500m or 64Mi`);
    if (quantity.nanos < 0n) return err(`${at}: ${JSON.stringify(amount)} is negative`);
    checked[resource] = String(amount);
  }
  return ok(checked);
}

function withinLimits(resources: JsonObject): Result<JsonObject, string> {
  const limits = amountsOf(resources, "limits");
  for (const [resource, amount] of Object.entries(amountsOf(resources, "requests"))) {
    const [request, limit] = [quantityOf(amount), quantityOf(limits[resource])];
    if (request && limit && compareQuantities(request, limit) > 0) {
      return err(
        `requests.${resource} would be ${amount}, more than limits.${resource}, ${limits[resource]}; override both`,
      );
    }
  }
  return ok(resources);
}

function amountsOf(resources: JsonObject, field: string): JsonObject {
  const amounts = resources[field];
  return isJsonObject(amounts) ? amounts : {};
}

function quantityOf(amount: Json | undefined): Quantity | undefined {
  if (typeof amount !== "string" && typeof amount !== "number") return undefined;
  const quantity = parseQuantity(amount);
  return quantity.ok ? quantity.value : undefined;
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
