import { invalid } from "../../kube/fieldErrors.ts";
import type { FieldError } from "../../result.ts";
import { CANARY_BASE_ANNOTATION } from "../annotations.ts";
import { canaryBaseOf } from "../canary.ts";
import type { SidecarSet } from "../sidecarSet.ts";
import type { Proposal } from "./proposal.ts";

const BASE = `metadata.annotations[${CANARY_BASE_ANNOTATION}]`;

/** A canary has another, ordinary SidecarSet as its base, for good, and does not roll itself. */
export function canaryErrors(
  set: SidecarSet,
  old: SidecarSet | undefined,
  known: Pick<Proposal, "existing" | "offline">,
): FieldError[] {
  const base = canaryBaseOf(set.annotations);
  if (base === undefined) return [];
  return [
    ...baseErrors(base, set, known),
    ...(old && old.annotations[CANARY_BASE_ANNOTATION] !== base
      ? invalid(BASE, base, "the base of a SidecarSet is chosen when it is created and cannot change")
      : []),
    ...(set.spec.updateStrategy.type === "NotUpdate"
      ? []
      : invalid(
          "spec.updateStrategy.type",
          set.spec.updateStrategy.type,
          "a canary must say NotUpdate: it does not roll",
        )),
  ];
}

function baseErrors(
  base: string,
  set: SidecarSet,
  { existing, offline = false }: Pick<Proposal, "existing" | "offline">,
): FieldError[] {
  if (base === set.name) return invalid(BASE, base, "a canary needs another SidecarSet as its base");
  const found = existing.find(({ name }) => name === base);
  if (!found) return offline ? [] : invalid(BASE, base, `there is no SidecarSet ${base}`);
  return canaryBaseOf(found.annotations) === undefined ? [] : invalid(BASE, base, `${base} is a canary itself`);
}
