import { describe, expect, it } from "vitest";
import { claimability, claimed, type Lease, type LeaseSpec, observed, released } from "./lease.ts";

const NOW = Date.parse("2026-07-01T12:00:00Z");
const METADATA = { namespace: "kruise-system", name: "sidecarset-manager" };

describe("a lease may be claimed", () => {
  const cases: [string, LeaseSpec | undefined, number, object][] = [
    ["when there is none", undefined, 0, { kind: "free" }],
    ["when nobody holds it", { holderIdentity: "" }, 0, { kind: "free" }],
    [
      "by who holds it, however old it is",
      { holderIdentity: "us", leaseDurationSeconds: 15 },
      60_000,
      { kind: "ours" },
    ],
    [
      "not while it is fresh",
      { holderIdentity: "a", leaseDurationSeconds: 15 },
      14_999,
      { kind: "held", by: "a", forMs: 1 },
    ],
    [
      "when it has been the same for its duration",
      { holderIdentity: "a", leaseDurationSeconds: 15 },
      15_000,
      { kind: "free" },
    ],
    [
      "by its holder's duration, not by ours",
      { holderIdentity: "a", leaseDurationSeconds: 60 },
      15_000,
      { kind: "held", by: "a", forMs: 45_000 },
    ],
    ["at once when it says no duration", { holderIdentity: "a" }, 0, { kind: "free" }],
  ];
  it.each(cases)("%s", (_name, spec, nowMs, expected) => {
    expect(claimability({ ...(spec ? { lease: aLease(spec) } : {}), sinceMs: 0 }, "us", nowMs)).toEqual(expected);
  });
});

describe("what was observed", () => {
  it("keeps its time when only the metadata has changed", () => {
    const first = observed(undefined, aLease({ holderIdentity: "a", renewTime: "1" }), 1_000);
    const touched = {
      ...aLease({ holderIdentity: "a", renewTime: "1" }),
      metadata: { ...METADATA, resourceVersion: "9" },
    };
    expect(observed(first, touched, 5_000)).toEqual({ lease: touched, sinceMs: 1_000 });
  });

  it("gets a new time with every renewal", () => {
    const first = observed(undefined, aLease({ holderIdentity: "a", renewTime: "1" }), 1_000);
    expect(observed(first, aLease({ holderIdentity: "a", renewTime: "2" }), 5_000).sinceMs).toBe(5_000);
  });

  it("is remembered when the lease is deleted: its holder may lead for as long as if it were there", () => {
    const spec = { holderIdentity: "a", leaseDurationSeconds: 15 };
    const gone = observed(observed(undefined, aLease(spec), 1_000), undefined, 6_000);
    const later = observed(gone, undefined, 7_000);
    expect(later).toEqual({ vanished: spec, sinceMs: 1_000 });
    expect(claimability(later, "us", 15_999)).toEqual({ kind: "held", by: "a", forMs: 1 });
    expect(claimability(later, "a", 7_000)).toEqual({ kind: "ours" });
    expect(observed(later, aLease(spec), 8_000)).toEqual({ lease: aLease(spec), sinceMs: 8_000 });
  });
});

describe("the record of the holder", () => {
  const claim = { identity: "us", durationSeconds: 15, now: NOW };

  it("is written as Kubernetes' own components write it", () => {
    expect(claimed(METADATA, undefined, claim)).toEqual({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: METADATA,
      spec: {
        holderIdentity: "us",
        leaseDurationSeconds: 15,
        acquireTime: "2026-07-01T12:00:00.000000Z",
        renewTime: "2026-07-01T12:00:00.000000Z",
        leaseTransitions: 0,
      },
    });
  });

  it("keeps what was there at a renewal, and its version", () => {
    const before = { ...claimed(METADATA, undefined, claim), metadata: { ...METADATA, resourceVersion: "7" } };
    const renewed = claimed(METADATA, before, { ...claim, now: NOW + 2_000 });
    expect(renewed.metadata.resourceVersion).toBe("7");
    expect(renewed.spec).toEqual({ ...before.spec, renewTime: "2026-07-01T12:00:02.000000Z" });
  });

  it("counts each transition to another holder, also after it was given back", () => {
    const first = claimed(METADATA, undefined, { ...claim, identity: "a" });
    const second = claimed(METADATA, first, { ...claim, identity: "b", now: NOW + 1_000 });
    expect(second.spec).toMatchObject({ leaseTransitions: 1, acquireTime: "2026-07-01T12:00:01.000000Z" });
    const third = claimed(METADATA, released(second, NOW + 2_000), claim);
    expect(third.spec).toMatchObject({ holderIdentity: "us", leaseTransitions: 2 });
  });
});

function aLease(spec: LeaseSpec): Lease {
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: METADATA, spec };
}
