import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { hostname } from "node:os";
import { fencedCluster } from "../../cluster/fencedCluster.ts";
import type { LeaderPart, Leading } from "../../cluster/leaderPart.ts";
import { Leadership, type Role } from "../../cluster/leadership.ts";
import { leaseTiming } from "../../cluster/leaseTiming.ts";
import { startParts } from "../../cluster/startParts.ts";
import type { ManagerContext } from "./managerContext.ts";

export const LEASE_NAME = "sidecarset-manager";

/** How this process comes to lead: by the Lease that it shares with others, or at once, because it is the only one. */
export type LeaderChoice = "alone" | { readonly leaseSeconds: number };

export interface Leader {
  readonly role: Role;
  /** Settles when it is known who leads, and if it is us, when every part has begun. */
  readonly decided: Promise<void>;
  /** @returns why the loop that keeps the lease counts as stuck */
  problem(): string | undefined;
  /** All parts end, writes under way are finished, and another may go on. */
  stop(): Promise<void>;
}

export function startLeader(context: ManagerContext, choice: LeaderChoice, parts: readonly LeaderPart[]): Leader {
  const lead = (leading: Leading): Promise<void> => {
    setMaxListeners(0, leading.signal);
    return startParts(parts, leading, context.environment);
  };
  return choice === "alone" ? leadAlone(context, lead) : contend(context, choice.leaseSeconds, lead);
}

type Lead = (leading: Leading) => Promise<void>;

function leadAlone({ cluster, signal }: ManagerContext, lead: Lead): Leader {
  const stop = new AbortController();
  const own = AbortSignal.any([signal, stop.signal]);
  const fence = fencedCluster(cluster, { mayWrite: () => !own.aborted });
  return {
    role: { kind: "leading" },
    decided: lead({ signal: own, cluster: fence.cluster }),
    problem: () => undefined,
    async stop() {
      stop.abort();
      await fence.idle();
    },
  };
}

/** How long the loop may be silent: many times what a round takes, also one in which every call hangs. */
const LEAST_STUCK_MS = 30_000;

function contend({ cluster, environment, systemNamespace }: ManagerContext, leaseSeconds: number, lead: Lead): Leader {
  const leadership = new Leadership({
    cluster,
    environment,
    monotonicMs: () => performance.now(),
    lease: { namespace: systemNamespace, name: LEASE_NAME },
    identity: `${hostname()}_${randomBytes(8).toString("hex")}`,
    timing: leaseTiming(leaseSeconds),
    lead,
  });
  leadership.start();
  const stuckMs = Math.max(LEAST_STUCK_MS, leaseSeconds * 2_000);
  return {
    get role() {
      return leadership.role;
    },
    decided: leadership.decided,
    problem() {
      const { quietMs } = leadership;
      return quietMs > stuckMs ? `the Lease was not looked at for ${Math.round(quietMs / 1000)} s` : undefined;
    },
    stop: () => leadership.stop(),
  };
}
