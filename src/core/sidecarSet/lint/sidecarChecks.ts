import { effectiveTag, parseImageReference } from "../../kube/imageReference.ts";
import { formatQuantity, parseQuantity, quantityOf } from "../../kube/quantity.ts";
import { isHashed, SIDECAR_LISTS, type SidecarList } from "../sidecarDifferences.ts";
import { isPair } from "../sidecarKind.ts";
import type { SidecarContainer, SidecarSet } from "../sidecarSet.ts";
import { type Check, type Finding, finding, shown } from "./finding.ts";

/** A version without a digest is left in peace: most registries keep it fixed, and a digest at every write would be noise. */
export const floatingTag: Check = ({ set }) =>
  sidecarsOf(set).flatMap(({ sidecar: { name, image = "" }, field }) => {
    const isFixed = parseImageReference(image)?.digest !== undefined;
    if (isFixed || effectiveTag(image) !== "latest") return [];
    const message = `${name} runs ${shown(image)}, which is whatever "latest" was when a pod started: a newer one is never rolled out; name a version or a digest`;
    return finding("L07", `${field}.image`, message);
  });

export const emptyImageMissing: Check = ({ set }) =>
  sidecarsOf(set).flatMap(({ sidecar, list, field }) => {
    if (!isPair(sidecar, list) || sidecar.upgradeStrategy.hotUpgradeEmptyImage) return [];
    const message = `missing: the idle twin of ${sidecar.name} has no image then, and Kubernetes refuses the pods; name an image that only sleeps`;
    return finding("L08", `${field}.upgradeStrategy.hotUpgradeEmptyImage`, message);
  });

/** Pods are compared by texts: an unusual one stands in the way of every later spelling of the same amount. */
export const quantityText: Check = ({ set }) =>
  sidecarsOf(set)
    .filter(({ list }) => isHashed(set.spec, list))
    .flatMap(({ sidecar: { name, resources }, field }) =>
      (["limits", "requests"] as const).flatMap((list) =>
        Object.entries(resources?.[list] ?? {}).flatMap(([resource, text]) =>
          unusualText(text, name, `${field}.resources.${list}[${resource}]`),
        ),
      ),
    );

function unusualText(written: string | number, sidecar: string, field: string): readonly Finding[] {
  const quantity = parseQuantity(written);
  if (!quantity.ok || quantity.value.text === undefined) return [];
  const canonical = formatQuantity(quantityOf(quantity.value.nanos, quantity.value.format));
  if (canonical === quantity.value.text) return [];
  const message = `${shown(quantity.value.text)} of ${sidecar} equals ${shown(canonical)} but counts as another value: respelling it later stops updates in place; write ${shown(canonical)}`;
  return finding("L14", field, message);
}

interface Placed {
  readonly sidecar: SidecarContainer;
  readonly list: SidecarList;
  readonly field: string;
}

function sidecarsOf({ spec }: SidecarSet): readonly Placed[] {
  return SIDECAR_LISTS.flatMap((list) =>
    (spec[list] ?? []).map((sidecar, index) => ({ sidecar, list, field: `spec.${list}[${index}]` })),
  );
}
