import { customResources } from "./cases/customResources.ts";
import { declaredFields } from "./cases/declaredFields.ts";
import { deletion } from "./cases/deletion.ts";
import { discovery } from "./cases/discovery.ts";
import { lists } from "./cases/lists.ts";
import { matchConditions } from "./cases/matchConditions.ts";
import { objects } from "./cases/objects.ts";
import { otherKinds } from "./cases/otherKinds.ts";
import { patches } from "./cases/patches.ts";
import { podSets } from "./cases/podSets.ts";
import { pods } from "./cases/pods.ts";
import { questions } from "./cases/questions.ts";
import { serverSideApply } from "./cases/serverSideApply.ts";
import { sparsePods } from "./cases/sparsePods.ts";
import { watches } from "./cases/watches.ts";
import { webhooks } from "./cases/webhooks.ts";
import type { Chapter } from "./target.ts";

export const CHAPTERS: readonly Chapter[] = [
  objects,
  lists,
  watches,
  patches,
  declaredFields,
  serverSideApply,
  pods,
  sparsePods,
  deletion,
  otherKinds,
  podSets,
  customResources,
  webhooks,
  matchConditions,
  discovery,
  questions,
];
