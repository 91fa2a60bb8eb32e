import type { IntOrPercent } from "../kube/intOrPercent.ts";

/** The part of the pods that stays on the old revision, as an exact fraction from 0 to 1: rounding must never move a pod. */
export interface Share {
  readonly kept: bigint;
  readonly of: bigint;
}

const NONE: Share = { kept: 0n, of: 1n };
const ALL: Share = { kept: 1n, of: 1n };
/** More would be no partition anybody means, and a text may be long. */
const DECIMALS = 15;

/**
 * A partition as a share of the pods to come. A number of pods is a share of those that the set has now.
 * @param matchedPods 0: a number means nothing is kept
 * @returns undefined when the text is no percentage
 */
export function keptShare(partition: IntOrPercent, matchedPods: number): Share | undefined {
  if (typeof partition === "number") return fraction(Math.trunc(partition), matchedPods);
  const [text, whole = "", decimals = ""] = /^([0-9]+)(?:\.([0-9]+))?%$/.exec(partition) ?? [];
  if (text === undefined) return undefined;
  if (Number(whole) >= 100) return ALL;
  const digits = decimals.slice(0, DECIMALS);
  return { kept: BigInt(`${Number(whole)}${digits}`), of: 100n * 10n ** BigInt(digits.length) };
}

function fraction(kept: number, of: number): Share {
  if (of <= 0 || kept <= 0) return NONE;
  return kept >= of ? ALL : { kept: BigInt(kept), of: BigInt(of) };
}

/** Whether the pod at this ordinal is kept: of the first n pods floor(n · share) are, for every n, whichever pods come back. */
export function keepsOrdinal({ kept, of }: Share, ordinal: number): boolean {
  const keptOfFirst = (pods: bigint) => (pods * kept) / of;
  return keptOfFirst(BigInt(ordinal) + 1n) > keptOfFirst(BigInt(ordinal));
}

/**
 * Whether one more pod goes to the side that is further behind its share.
 * @param pods that exist on either side
 * @returns undefined when both sides are equally far behind
 */
export function keepsNext(
  { kept, of }: Share,
  pods: { readonly old: number; readonly newest: number },
): boolean | undefined {
  const total = BigInt(pods.old + pods.newest + 1);
  // The two sides together lack one pod, so the old one is further behind when it lacks more than half of one.
  const lack = 2n * (kept * total - BigInt(pods.old) * of);
  return lack === of ? undefined : lack > of;
}

/** Whether a pod is kept that is known only by where its name falls in [0, 1). */
export function keepsFraction({ kept, of }: Share, fractionOfName: number): boolean {
  return fractionOfName < Number(kept) / Number(of);
}
