import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";
import { newsBetween } from "./news.ts";
import type { WriteStatus } from "./rolloutPlan.ts";
import type { RolloutSummary } from "./rolloutSummary.ts";
import { needsWriting, type RolloutStatus } from "./status.ts";
import { isPressing } from "./statusPace.ts";

/** The write of a status with the Events that belong to it; nothing where the stored one says the same. */
export function statusWrites(set: SidecarSet, status: RolloutStatus, pods: RolloutSummary): readonly WriteStatus[] {
  if (!needsWriting(set.status, status)) return [];
  return [
    {
      kind: "writeStatus",
      status,
      pressing: isPressing(set.status, status),
      news: newsBetween(set.status, status, pods),
    },
  ];
}
