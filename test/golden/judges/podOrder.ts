import type { Pod } from "../../../src/core/kube/pod.ts";
import { podRecord } from "../../../src/core/pod/podRecord.ts";
import { defaultOrder } from "../../../src/core/rollout/order.ts";
import { compare, type Judge } from "../judge.ts";

/** A sort of ours is stable; where the recorded one was not, a stable answer stands beside it. */
export const podOrder: Judge = ({ input, expected }) => {
  const pods = (input.pods as unknown as readonly Pod[]).map(podRecord);
  const { sortedStable, sorted: recorded, ...comparisons } = expected;
  const [first, second] = pods;
  const ours = {
    sorted: pods.toSorted(defaultOrder).map(({ name }) => name),
    ...("firstLessThanSecond" in comparisons && {
      firstLessThanSecond: defaultOrder(first!, second!) < 0,
      secondLessThanFirst: defaultOrder(second!, first!) < 0,
    }),
  };
  const stable = compare(ours, { ...comparisons, sorted: sortedStable ?? recorded });
  return stable.agrees ? stable : compare(ours, { ...comparisons, sorted: recorded });
};
