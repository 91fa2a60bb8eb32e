import type { Registry } from "prom-client";
import type { Leader } from "../leader.ts";
import { sampledGauge } from "./sampledGauge.ts";

/** @param leader undefined: this process does not contend, or not yet */
export function registerLeaderMetric(registry: Registry, leader: () => Pick<Leader, "role"> | undefined): void {
  sampledGauge(registry, {
    name: "sidecarset_leader",
    help: "1: this process leads; 0: it would. A process without a controller tells nothing.",
    read() {
      const role = leader()?.role;
      return role === undefined ? [] : [{ value: role.kind === "leading" ? 1 : 0 }];
    },
  });
}
