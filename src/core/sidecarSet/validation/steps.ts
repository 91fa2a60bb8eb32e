import { atLeast, invalid, required } from "../../kube/fieldErrors.ts";
import type { FieldError } from "../../result.ts";
import type { CheckedSpec } from "./proposal.ts";
import { nonEmptySelectorErrors } from "./selectors.ts";
import { amountErrors } from "./updateStrategy.ts";

type UpdateStrategy = CheckedSpec["updateStrategy"];
type Step = NonNullable<UpdateStrategy["steps"]>[number];

const PATH = "spec.updateStrategy";

/** Each stage says in one way who is upgraded, and nothing beside the stages does. */
export function stepErrors({ steps = [], selector, partition = 0 }: UpdateStrategy): FieldError[] {
  if (steps.length === 0) return [];
  const holdsBack = partition !== 0 && partition !== "0%";
  return [
    ...steps.flatMap((step, index) => errorsOfStep(step, `${PATH}.steps[${index}]`)),
    ...(holdsBack ? invalid(`${PATH}.partition`, partition, `must be 0 beside steps; ${WAY_OUT}`) : []),
    ...(selector ? invalid(`${PATH}.selector`, selector, `must not stand beside steps; ${WAY_OUT}`) : []),
  ];
}

const WAY_OUT = "write it into a step";

function errorsOfStep({ partition, selector, pause }: Step, path: string): FieldError[] {
  const isOne = (partition === undefined) !== (selector === undefined);
  const both = partition !== undefined && selector !== undefined;
  return [
    ...(both ? invalid(path, { partition, selector }, "give either a partition or a selector") : []),
    ...(isOne || both ? [] : required(path, "say how far this step goes: give a partition or a selector")),
    ...(partition === undefined ? [] : amountErrors(partition, `${path}.partition`)),
    ...(selector === undefined ? [] : nonEmptySelectorErrors(selector, `${path}.selector`)),
    ...atLeast(0, pause?.seconds, `${path}.pause.seconds`),
  ];
}
