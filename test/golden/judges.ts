import type { Judge } from "./judge.ts";
import { conversion } from "./judges/conversion.ts";
import { defaulting } from "./judges/defaulting.ts";
import { hash } from "./judges/hash.ts";
import { injection } from "./judges/injection.ts";
import { podOrder } from "./judges/podOrder.ts";
import { podUpdate } from "./judges/podUpdate.ts";
import { resourceExpression } from "./judges/resourceExpression.ts";
import { revision } from "./judges/revision.ts";
import { rollout } from "./judges/rollout.ts";
import { status } from "./judges/status.ts";
import { upgradeBatch } from "./judges/upgradeBatch.ts";
import { validation } from "./judges/validation.ts";

/** Corpus → the judge that runs our code on its cases. */
export const JUDGES: Readonly<Record<string, Judge | undefined>> = {
  conversion,
  defaulting,
  hash,
  injection,
  revision,
  "pod-order": podOrder,
  "pod-update": podUpdate,
  "resource-expression": resourceExpression,
  rollout,
  status,
  "upgrade-batch": upgradeBatch,
  validation,
};
