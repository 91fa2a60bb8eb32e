import { type Check, finding, shown } from "./finding.ts";

/** Only where the partition decides: a paused update pins every pod. */
export const partialByNumber: Check = ({ set: { spec } }) => {
  const { partition, paused, selector } = spec.updateStrategy;
  if (spec.injectionStrategy.revision?.policy !== "Partial" || paused || typeof partition === "string") return [];
  const field = "spec.updateStrategy.partition";
  if (partition > 0) {
    const message = `${partition} is a share of matchedPods for policy Partial: what new pods get shifts as pods come and go; write a percentage such as "30%"`;
    return finding("L16", field, message);
  }
  if (selector) return [];
  const message = `${shown(partition)} leaves policy Partial nothing: no new pod gets the pinned revision; write its share as a percentage such as "30%"`;
  return finding("L16", field, message);
};

export const failsOpen: Check = ({ set: { spec } }) => {
  const { failurePolicy, optOut } = spec.injectionStrategy;
  if (failurePolicy !== "Ignore" || optOut !== "Deny") return [];
  const message = `"Ignore" starts pods without the sidecars when injection fails, which optOut: Deny is meant to rule out; write Fail`;
  return finding("L17", "spec.injectionStrategy.failurePolicy", message);
};
