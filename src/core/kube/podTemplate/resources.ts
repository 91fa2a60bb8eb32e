import type { FieldError } from "../../result.ts";
import { duplicate, invalid, invalidIf, required } from "../fieldErrors.ts";
import { qualifiedNameProblem } from "../labelSyntax.ts";
import type { Quantity } from "../quantity.ts";
import { compareQuantities, parseQuantity } from "../quantity.ts";

type ResourceList = Readonly<Record<string, string | number>>;

export interface CheckedResources {
  readonly limits?: ResourceList;
  readonly requests?: ResourceList;
  readonly claims?: readonly { readonly name?: string }[];
}

export function resourcesErrors(
  { limits = {}, requests = {}, claims = [] }: CheckedResources,
  path: string,
): FieldError[] {
  return [
    ...listErrors(limits, `${path}.limits`),
    ...listErrors(requests, `${path}.requests`),
    ...Object.keys(requests).flatMap((resource) => requestErrors(resource, limits, requests, `${path}.requests`)),
    ...claims.flatMap(({ name = "" }, index) => {
      const earlier = claims.slice(0, index).some((claim) => claim.name === name);
      if (name === "") return required(`${path}.claims[${index}].name`, "name a claim of the pod");
      return earlier ? duplicate(`${path}.claims[${index}]`, name, "this claim is listed already") : [];
    }),
  ];
}

function listErrors(list: ResourceList, path: string): FieldError[] {
  return Object.entries(list).flatMap(([resource, text]) => {
    const quantity = quantityOf(text);
    const name = invalidIf(resourceNameProblem(resource), `${path}[${resource}]`, resource);
    if (name.length > 0 || !quantity) return name;
    if (quantity.nanos < 0n) return invalid(`${path}[${resource}]`, text, "must not be negative");
    return isWhole(quantity) || !isCounted(resource)
      ? []
      : invalid(`${path}[${resource}]`, text, "must be a whole number");
  });
}

function requestErrors(resource: string, limits: ResourceList, requests: ResourceList, path: string): FieldError[] {
  const request = quantityOf(requests[resource]);
  const limit = quantityOf(limits[resource]);
  if (!request) return [];
  if (!limit) return isCounted(resource) ? required(path, `a limit is needed for ${resource}`) : [];
  const order = compareQuantities(request, limit);
  if (isCounted(resource) && order !== 0) {
    return invalid(path, requests[resource], `must be equal to the ${resource} limit of ${limits[resource]}`);
  }
  return order > 0
    ? invalid(path, requests[resource], `must not exceed the ${resource} limit of ${limits[resource]}`)
    : [];
}

const STANDARD = ["cpu", "memory", "ephemeral-storage"];

function resourceNameProblem(resource: string): string | undefined {
  const problem = qualifiedNameProblem(resource);
  if (problem !== undefined) return problem;
  if (resource.includes("/") || STANDARD.includes(resource) || resource.startsWith("hugepages-")) return undefined;
  return `unknown resource; use ${STANDARD.join(", ")}, hugepages-… or a name with a prefix`;
}

/** Devices and huge pages come in whole pieces and cannot be overcommitted. */
function isCounted(resource: string): boolean {
  return !STANDARD.includes(resource);
}

function isWhole({ nanos }: Quantity): boolean {
  return nanos % 1_000_000_000n === 0n;
}

function quantityOf(text: string | number | undefined): Quantity | undefined {
  if (text === undefined) return undefined;
  const quantity = parseQuantity(text);
  return quantity.ok ? quantity.value : undefined;
}
