import { forbidden, invalid } from "../../kube/fieldErrors.ts";
import type { FieldError } from "../../result.ts";
import type { SidecarSet } from "../sidecarSet.ts";

/** Running pods cannot get another container, nor become a hot-upgrade pair; init containers only matter for new pods. */
export function changeErrors(set: SidecarSet, old: SidecarSet): FieldError[] {
  const before = new Map((old.spec.containers ?? []).map((container) => [container.name, container]));
  return (set.spec.containers ?? []).flatMap((container, index) => {
    const path = `spec.containers[${index}]`;
    const previous = before.get(container.name);
    if (!previous) {
      const detail = `${container.name} is new: a running pod cannot get another container; put it into a SidecarSet of its own`;
      return forbidden(`${path}.name`, detail);
    }
    const { upgradeType } = container.upgradeStrategy;
    const oldType = previous.upgradeStrategy.upgradeType;
    if (!oldType || upgradeType === oldType) return [];
    return invalid(`${path}.upgradeStrategy.upgradeType`, upgradeType, `is ${oldType} and cannot change`);
  });
}
