import type { SidecarSet } from "../sidecarSet/sidecarSet.ts";

/** Whether no new pod gets anything of this SidecarSet at present. */
export function injectsNothing({ spec, deleting }: SidecarSet): boolean {
  return deleting || spec.injectionStrategy.paused || spec.selector === undefined;
}
