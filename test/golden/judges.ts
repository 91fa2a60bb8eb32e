import type { Judge } from "./judge.ts";
import { conversion } from "./judges/conversion.ts";
import { defaulting } from "./judges/defaulting.ts";
import { hash } from "./judges/hash.ts";
import { injection } from "./judges/injection.ts";
import { podOrder } from "./judges/podOrder.ts";
import { resourceExpression } from "./judges/resourceExpression.ts";
import { revision } from "./judges/revision.ts";

/** Corpus → the judge that runs our code on its cases. */
export const JUDGES: Readonly<Record<string, Judge | undefined>> = {
  conversion,
  defaulting,
  hash,
  injection,
  revision,
  "pod-order": podOrder,
  "resource-expression": resourceExpression,
};
