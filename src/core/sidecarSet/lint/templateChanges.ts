import { unreachable } from "../../result.ts";
import { type SidecarDifference, sidecarDifferences } from "../sidecarDifferences.ts";
import type { SidecarSet } from "../sidecarSet.ts";
import type { Replaced, WrittenSpec } from "./finding.ts";

/** Why a change of the sidecars is more than running pods can take in place. */
export type TemplateChange =
  | { readonly kind: "removed"; readonly field: string; readonly sidecar: string }
  | {
      readonly kind: "pullPolicyByTag";
      readonly field: string;
      readonly sidecar: string;
      readonly before: string;
      readonly after: string;
    }
  | { readonly kind: "emptyImage"; readonly field: string; readonly before: string; readonly after: string }
  | { readonly kind: "other"; readonly field: string };

/** Every difference beyond images, each once; none while the hash without images stays, for then pods can be updated in place. */
export function templateChanges(set: SidecarSet, replaced: Replaced, written: WrittenSpec): readonly TemplateChange[] {
  if (replaced.hashes.hashWithoutImage === replaced.newHashes.hashWithoutImage) return [];
  return sidecarDifferences(replaced.set.spec, set.spec).map((difference) => changeOf(difference, written));
}

function changeOf(difference: SidecarDifference, written: WrittenSpec): TemplateChange {
  const field = `spec.${difference.list}`;
  switch (difference.kind) {
    case "added":
      return { kind: "other", field: `${field}[${difference.index}].name` };
    case "removed":
      return { kind: "removed", field, sidecar: difference.sidecar };
    case "order":
      return { kind: "other", field };
    case "field":
      return fieldChange(difference, written);
    default:
      return unreachable(difference);
  }
}

function fieldChange(
  { list, index, path, before, after }: Extract<SidecarDifference, { readonly kind: "field" }>,
  written: WrittenSpec,
): TemplateChange {
  const field = `spec.${list}[${index}]${path}`;
  if (path === ".imagePullPolicy" && !written[list]?.[index]?.imagePullPolicy) {
    const [was, is] = [before, after].map(({ imagePullPolicy }) => String(imagePullPolicy));
    return { kind: "pullPolicyByTag", field, sidecar: after.name, before: was!, after: is! };
  }
  if (path === ".upgradeStrategy.hotUpgradeEmptyImage") {
    const [was, is] = [before, after].map(({ upgradeStrategy }) => upgradeStrategy.hotUpgradeEmptyImage ?? "");
    return { kind: "emptyImage", field, before: was!, after: is! };
  }
  return { kind: "other", field };
}
