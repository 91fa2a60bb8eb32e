import { jsonEqual } from "../core/kube/jsonPatch.ts";
import type { JsonObject, KubeObject, ObjectMeta } from "../core/kube/object.ts";
import { apiVersionOf, LEASES } from "./resource.ts";

/** coordination.k8s.io/v1, as Kubernetes' own components use it. */
export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

export interface LeaseSpec extends JsonObject {
  /** Empty: nobody, it was released. */
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  /** How often it went from one holder to another. */
  readonly leaseTransitions?: number;
}

/** A lease as it was read last, and since when it has been as it is, by our own monotonic clock. */
export interface ObservedLease {
  /** Absent: there is none. */
  readonly lease?: Lease;
  /** What it was when it vanished: somebody has deleted it, and its holder, who does not know yet, may still lead. */
  readonly vanished?: LeaseSpec;
  readonly sinceMs: number;
}

export type Claimability =
  | { readonly kind: "free" }
  | { readonly kind: "ours" }
  | { readonly kind: "held"; readonly by: string; readonly forMs: number };

/**
 * The times that a holder writes are never compared with a clock of ours: clocks may disagree by any amount. Held is a lease whose
 * record has changed within its own duration, as seen from here.
 */
export function claimability(seen: ObservedLease, identity: string, nowMs: number): Claimability {
  const { holderIdentity = "", leaseDurationSeconds = 0 } = seen.lease?.spec ?? seen.vanished ?? {};
  if (holderIdentity === "") return { kind: "free" };
  if (holderIdentity === identity) return { kind: "ours" };
  const forMs = seen.sinceMs + leaseDurationSeconds * 1000 - nowMs;
  return forMs > 0 ? { kind: "held", by: holderIdentity, forMs } : { kind: "free" };
}

/** Seen again: the time starts anew only when what the holder writes has changed. */
export function observed(before: ObservedLease | undefined, lease: Lease | undefined, nowMs: number): ObservedLease {
  const earlier = before?.lease?.spec ?? before?.vanished;
  if (!lease) return earlier ? { vanished: earlier, sinceMs: before!.sinceMs } : { sinceMs: nowMs };
  return { lease, sinceMs: before?.lease && jsonEqual(earlier, lease.spec) ? before.sinceMs : nowMs };
}

export interface Claim {
  readonly identity: string;
  readonly durationSeconds: number;
  /** By the wall clock, for readers. */
  readonly now: number;
}

/** The lease as the holder writes it, on top of the one that was seen: its version makes the write fail when there is a newer one. */
export function claimed(metadata: ObjectMeta, before: Lease | undefined, claim: Claim): Lease {
  const time = microTime(claim.now);
  const earlier = before?.spec;
  const kept = earlier?.holderIdentity === claim.identity;
  return {
    apiVersion: apiVersionOf(LEASES),
    kind: LEASES.kind,
    metadata: before?.metadata ?? metadata,
    spec: {
      ...earlier,
      holderIdentity: claim.identity,
      leaseDurationSeconds: claim.durationSeconds,
      acquireTime: (kept ? earlier.acquireTime : undefined) ?? time,
      renewTime: time,
      leaseTransitions: (earlier?.leaseTransitions ?? 0) + (earlier === undefined || kept ? 0 : 1),
    },
  };
}

/** The lease as the holder leaves it: whoever sees it may go on at once. */
export function released(lease: Lease, now: number): Lease {
  return { ...lease, spec: { ...lease.spec, holderIdentity: "", renewTime: microTime(now) } };
}

/** metav1.MicroTime: always six digits of a second. */
function microTime(now: number): string {
  return new Date(now).toISOString().replace("Z", "000Z");
}
