import { duplicate, duplicates, invalid, required } from "../../kube/fieldErrors.ts";
import type { IntOrPercent } from "../../kube/intOrPercent.ts";
import type { FieldError } from "../../result.ts";
import type { PriorityStrategy, SidecarSet } from "../sidecarSet.ts";
import { nonEmptySelectorErrors } from "./selectors.ts";

/** How a new version reaches the pods. */
export function updateStrategyErrors({ spec }: SidecarSet): FieldError[] {
  const { selector, partition, maxUnavailable, priorityStrategy, scatterStrategy } = spec.updateStrategy;
  const path = "spec.updateStrategy";
  return [
    ...(selector ? nonEmptySelectorErrors(selector, `${path}.selector`) : []),
    ...amountErrors(partition, `${path}.partition`),
    ...amountErrors(maxUnavailable, `${path}.maxUnavailable`),
    ...(priorityStrategy ? priorityErrors(priorityStrategy, `${path}.priorityStrategy`) : []),
    ...scatterStrategy.flatMap(({ key }, index) =>
      key ? [] : required(`${path}.scatterStrategy[${index}].key`, "name a label key"),
    ),
    ...duplicates(scatterStrategy, ({ key, value }) => `${key}=${value ?? "*"}`).flatMap((index) =>
      duplicate(`${path}.scatterStrategy[${index}]`, scatterStrategy[index], "this term is listed already"),
    ),
  ];
}

/** A number of pods, or whole percent of them. */
export function amountErrors(amount: IntOrPercent, path: string): FieldError[] {
  const isAmount = typeof amount === "number" ? amount >= 0 : /^[0-9]+%$/.test(amount);
  return isAmount ? [] : invalid(path, amount, 'must be a number of pods, 0 or more, or a percentage such as "50%"');
}

function priorityErrors({ orderPriority = [], weightPriority = [] }: PriorityStrategy, path: string): FieldError[] {
  return [
    ...(orderPriority.length > 0 && weightPriority.length > 0
      ? invalid(path, undefined, "give either orderPriority or weightPriority")
      : []),
    ...orderPriority.flatMap(({ orderedKey }, index) =>
      orderedKey ? [] : required(`${path}.orderPriority[${index}].orderedKey`, "name a label key"),
    ),
    ...weightPriority.flatMap(({ weight, matchSelector }, index) => [
      ...((weight ?? 0) >= 0 && (weight ?? 0) <= 100
        ? []
        : invalid(`${path}.weightPriority[${index}].weight`, weight, "must be between 0 and 100")),
      ...nonEmptySelectorErrors(matchSelector ?? {}, `${path}.weightPriority[${index}].matchSelector`),
    ]),
  ];
}
